# Writes the tests that are missing in a project, on a machine without coding agents.
example=$PWD
troupe test increase-coverage.test.yaml

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
printf '%s\n' .troupe/ out/ > .gitignore
export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.org GIT_AUTHOR_DATE=2026-01-05T09:00:00Z
export GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.org GIT_COMMITTER_DATE=2026-01-05T09:00:00Z
git init --quiet --initial-branch main
git add .
git commit --quiet --message "A project with few tests"

echo "--- the first run writes tests, and keeps those that test something"
troupe run "$example/increase-coverage.troupe.yaml" -o json | node "$example/outcome.mjs"
git diff --stat "$(git rev-list --max-parents=0 HEAD)" HEAD
cat test/initials.test.mjs

echo
echo "--- the second run finds nothing to do"
troupe run "$example/increase-coverage.troupe.yaml" -o json | node "$example/outcome.mjs"
