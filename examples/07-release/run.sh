# Releases three times: without a question, into a registry that refuses, and once more when it is repaired.
. ../shared/set-up.sh
troupe test release.test.yaml
new_repository project money "Add up money"
mkdir out

release() { troupe run "$example/release.troupe.yaml" -i "version=$1" -o json; }
public() { echo "tags:" $(git tag) "- registry:" $(ls registry) "- latest:" $(cat registry/latest); }

echo "--- 1.1.0: a low risk approves itself"
release 1.1.0 | node "$outcome" --by-start
public

echo
echo "--- 2.0.0: somebody has to say yes"
set +e
release 2.0.0 > "$work/first.json"
echo "exit $?: it waits for a person"
set -e
troupe approvals

echo
echo "--- Ann says yes, and the registry refuses: the package and the tag are taken back"
touch registry/frozen
set +e
troupe approve @latest --yes --as ann -o json > "$work/second.json"
echo "exit $?: it failed"
set -e
node "$outcome" --by-start < "$work/second.json"
public

echo
echo "--- the registry is repaired; a new run, a new decision"
rm registry/frozen
release 2.0.0 > "$work/third.json" || true
troupe approve @latest --yes --as ann --comment "The registry is back" -o json | node "$outcome" --by-start
public

echo
echo "--- what was told at the end of each run"
cat out/releases.txt
