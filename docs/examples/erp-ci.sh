#!/bin/sh
# An ERP's test against Malote while SEFAZ loses answers. Needs a running `npm start` and its facts:
#
#   sh docs/examples/erp-ci.sh .malote/demo.json .malote/demo/proxima-nfe.xml [notes]
#
# Posts the notes, waits until each is authorised, and fails when one is lost or a number was authorised twice.
set -eu
facts=$1
template=$2
notes=${3:-20}
fact() { sed -n "s/^  \"$1\": \"\(.*\)\",*$/\1/p" "$facts"; }
edge=$(fact edge)
admin=$(fact simulatorAdmin)
docs="$edge/api/empresas/$(fact empresa)/docs/hom/55"
serie=$(( $(date +%s) % 800 + 1 ))
session=$(curl -sS --fail -X POST -u "$(fact token):$(fact secret)" "$edge/session")

echo "scenario: $(curl -sS --fail -X POST -d '"respostas-perdidas"' "$admin/scenario")"
n=1
while [ "$n" -le "$notes" ]; do
  sed "s|<serie>[0-9]*|<serie>$serie|; s|<nNF>[0-9]*|<nNF>$n|" "$template" |
    curl -sS --fail -o /dev/null -X POST -H "$session" -H 'content-type: application/xml' --data-binary @- "$docs"
  n=$((n + 1))
done
echo "$notes notes accepted, serie $serie"

deadline=$(( $(date +%s) + 300 ))
n=1
while [ "$n" -le "$notes" ]; do
  status=$(curl -sS --fail -H "$session" "$docs/$(date +%Y)/$serie/$n" | sed 's/.*"status":"\([^"]*\)".*/\1/')
  case $status in
    Autorizada) n=$((n + 1)) ;;
    'Em processamento' | 'Em recuperação')
      if [ "$(date +%s)" -gt "$deadline" ]; then echo "note $n is still $status" >&2; exit 1; fi
      sleep 1 ;;
    *) echo "note $n ended $status" >&2; exit 1 ;;
  esac
done

curl -sS --fail -X DELETE "$admin/scenario" >/dev/null
lost=$(curl -sS --fail "$admin/calls?outcome=cut&serie=$serie" | grep -o '"outcome"' | wc -l)
report=$(curl -sS --fail "$admin/authorizations?serie=$serie")
echo "answers lost: $lost; $(echo "$report" | sed 's/,"numbers".*//; s/^{//')"
case $report in
  "{\"total\":$notes,\"foreign\":0,\"doubled\":0,"*) echo "every note authorised exactly once" ;;
  *) echo 'authorisations do not match the notes' >&2; exit 1 ;;
esac
