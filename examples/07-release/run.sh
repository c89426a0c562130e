# Releases three times: without a question, into a registry that refuses, and once more when it is repaired.
here=$PWD
troupe test release.test.yaml

work=$(mktemp -d "${TMPDIR:-/tmp}/troupe-example.XXXXXX")
trap 'rm -rf "$work"' EXIT
# The project in a repository of its own, where every commit has the same date.
cp -R project/. "$work"
cd "$work"
mkdir out
printf '%s\n' .troupe/ out/ registry/ > .gitignore
export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.org GIT_AUTHOR_DATE=2026-01-05T09:00:00Z
export GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.org GIT_COMMITTER_DATE=2026-01-05T09:00:00Z
git init --quiet --initial-branch main
git add .
git commit --quiet --message "Add up money"

release() { troupe run "$here/release.troupe.yaml" -i "version=$1" -o json; }
public() { echo "tags:" $(git tag) "- registry:" $(ls registry) "- latest:" $(cat registry/latest); }

echo "--- 1.1.0: a low risk approves itself"
release 1.1.0 | node "$here/outcome.mjs"
public

echo
echo "--- 2.0.0: somebody has to say yes"
set +e
release 2.0.0 > first.json
echo "exit $?: it waits for a person"
set -e
troupe approvals

echo
echo "--- Ann says yes, and the registry refuses: the package and the tag are taken back"
touch registry/frozen
set +e
troupe approve @latest --yes --as ann -o json > second.json
echo "exit $?: it failed"
set -e
node "$here/outcome.mjs" < second.json
public

echo
echo "--- the registry is repaired; a new run, a new decision"
rm registry/frozen
release 2.0.0 > third.json || true
troupe approve @latest --yes --as ann --comment "The registry is back" -o json | node "$here/outcome.mjs"
public

echo
echo "--- what was told at the end of each run"
cat out/releases.txt
