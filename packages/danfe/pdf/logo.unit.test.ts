import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { JPEG_1X1, png } from '../test/pictures.ts';
import { LogoError, readLogo } from './logo.ts';

const RGBA = [
  [255, 0, 0, 255],
  [0, 255, 0, 128],
  [0, 0, 255, 0],
  [9, 8, 7, 6],
];

test('colours and opacity of a PNG with alpha are taken apart, whatever filter its rows have', () => {
  for (const filter of [0, 1, 2, 3, 4]) {
    const logo = readLogo(png({ width: 2, height: 2, color: 6, filter, samples: RGBA.flat() }));
    assert.deepEqual(
      [...inflateSync(logo.data)],
      RGBA.flatMap((point) => point.slice(0, 3)),
    );
    assert.deepEqual(
      [...inflateSync(logo.alpha ?? new Uint8Array())],
      RGBA.map((point) => point[3]),
    );
  }
});

test('a PNG without alpha goes into the file as it is compressed', () => {
  const logo = readLogo(png({ width: 2, height: 1, color: 2, filter: 0, samples: [1, 2, 3, 4, 5, 6] }));
  assert.equal(logo.alpha, undefined);
  assert.match(logo.dictionary, /\/DeviceRGB.*\/Predictor 15\/Colors 3/);
  assert.deepEqual([...inflateSync(logo.data)], [0, 1, 2, 3, 4, 5, 6]);
});

test('the transparent colours of a palette become opacity', () => {
  const logo = readLogo(
    png({ width: 2, height: 1, color: 3, filter: 0, samples: [1, 0], palette: [10, 20, 30, 40, 50, 60], transparency: [0] }),
  );
  assert.deepEqual([...inflateSync(logo.data)], [40, 50, 60, 10, 20, 30]);
  assert.deepEqual([...inflateSync(logo.alpha ?? new Uint8Array())], [255, 0]);
});

test('an interlaced PNG is the same picture as a plain one, of any size, with alpha and without', () => {
  for (const [width, height] of [
    [1, 1],
    [2, 9],
    [5, 3],
    [8, 8],
    [17, 11],
  ] as const) {
    for (const color of [0, 2, 6] as const) {
      const channels = { 0: 1, 2: 3, 6: 4 }[color];
      const samples = Array.from({ length: width * height * channels }, (_, i) => (i * 37 + 11) % 256);
      const logo = readLogo(png({ width, height, color, filter: 4, samples, interlaced: true }));
      const points = Array.from({ length: width * height }, (_, i) => samples.slice(i * channels, (i + 1) * channels));
      assert.deepEqual(
        [...inflateSync(logo.data)],
        points.flatMap((point) => point.slice(0, 3)),
        `${width} × ${height} of ${color}`,
      );
      assert.doesNotMatch(logo.dictionary, /Predictor/);
      if (color === 6)
        assert.deepEqual(
          [...inflateSync(logo.alpha ?? assert.fail())],
          points.map((point) => point[3]),
        );
    }
  }
});

test('a JPEG is kept whole, with size and colours of its header', () => {
  const logo = readLogo(JPEG_1X1);
  assert.deepEqual([logo.width, logo.height], [1, 1]);
  assert.match(logo.dictionary, /DCTDecode/);
  assert.equal(logo.data, JPEG_1X1);
});

test('what cannot be a logo is refused with its remedy', () => {
  assert.throws(() => readLogo(Buffer.from('GIF89a')), /não é PNG nem JPEG/);
  assert.throws(() => readLogo(new Uint8Array(2_000_001)), /Reduza a imagem/);
  const whole = png({ width: 2, height: 2, color: 6, filter: 0, samples: RGBA.flat() });
  assert.throws(() => readLogo(whole.subarray(0, 60)), LogoError);
  assert.throws(() => readLogo(png({ width: 2, height: 3, color: 6, filter: 0, samples: RGBA.flat() })), /danificado/);
  // A bomb: the header promises few points, the data holds many.
  assert.throws(
    () => readLogo(png({ width: 1, height: 1, color: 2, filter: 0, samples: new Array(9_000_000).fill(0), raw: true })),
    /danificado/,
  );
  const huge = png({ width: 40_000, height: 40_000, color: 2, filter: 0, samples: [], raw: true });
  assert.throws(() => readLogo(huge), /máximo é 4000 × 4000/);
});
