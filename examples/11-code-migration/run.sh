# Migrates one folder, and another one that turns out not to be ready: it is taken back.
example=$PWD
troupe test code-migration.test.yaml

work=$(mktemp -d "${TMPDIR:-/tmp}/troupe-example.XXXXXX")
path=$PATH
trap 'PATH=$path; rm -rf "$work"' EXIT

# A PATH with nothing but what this needs, so that no coding agent of this machine is on it.
mkdir "$work/bin"
for command in bash cat cp git mkdir node sh troupe; do ln -s "$(command -v "$command")" "$work/bin/$command"; done
export PATH="$work/bin"

# The project in a repository of its own, where every commit has the same date.
cp -R project "$work/project"
cd "$work/project"
printf '%s\n' .troupe/ > .gitignore
export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.org GIT_AUTHOR_DATE=2026-01-05T09:00:00Z
export GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.org GIT_COMMITTER_DATE=2026-01-05T09:00:00Z
git init --quiet --initial-branch main
git add .
git commit --quiet --message "A shop of CommonJS modules"

echo "--- src/text: a low risk, and nobody is asked"
troupe run "$example/code-migration.troupe.yaml" -i folder=src/text -o json | node "$example/outcome.mjs"
git diff --stat "$(git rev-list --max-parents=0 HEAD)" HEAD
cat src/text/title.js

echo
echo "--- src/pay: it is about money, so somebody is asked"
git tag before
set +e
troupe run "$example/code-migration.troupe.yaml" -i folder=src/pay -o json > "$work/first.json"
echo "exit $?: it waits for a person"
troupe approvals
troupe approve @latest --yes --as ann -o json > "$work/second.json"
echo "exit $?: it failed, because src/receipt.js needs what is migrated in the old way"
set -e
node "$example/outcome.mjs" < "$work/second.json"

echo
echo "--- everything is as it was, and the history tells"
git diff --quiet before HEAD && echo "no file differs"
git status --short
echo "merged since: $(git rev-list --count --first-parent before..HEAD)"
git log -1 --format=%s
echo "tags: $(git tag)"
node src/receipt.js
