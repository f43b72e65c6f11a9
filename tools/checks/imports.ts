/** Static imports and re-exports over several lines too, imports for effect, dynamic imports and import.meta.resolve, each with a literal name. */
const FORMS = [
  /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])([^'"\n]+)\1/gm,
  /^[ \t]*import\s*(['"])([^'"\n]+)\1/gm,
  /\bimport\s*\(\s*(['"])([^'"\n]+)\1/g,
  /\bimport\.meta\.resolve\s*\(\s*(['"])([^'"\n]+)\1/g,
];

/** Specifiers that a source file imports, types included, in order of their first appearance of each form, without repeats. */
export function importsOf(source: string): string[] {
  const found = FORMS.flatMap((form) => [...source.matchAll(form)].map((match) => match[2] ?? ''));
  return [...new Set(found)];
}

/** `@scope/name/sub/path` → package `@scope/name` and subpath `./sub/path` ('.' without one). */
export function splitSpecifier(specifier: string): { name: string; subpath: string } {
  const parts = specifier.split('/');
  const length = specifier.startsWith('@') ? 2 : 1;
  const rest = parts.slice(length).join('/');
  return { name: parts.slice(0, length).join('/'), subpath: rest === '' ? '.' : `./${rest}` };
}
