# Migrates one folder, and another one that turns out not to be ready: it is taken back. Then a machine where `claude` is on the PATH.
. ../shared/set-up.sh
troupe test code-migration.test.yaml
leave_agents_behind

new_repository "$example/project" without "A shop of CommonJS modules"
echo "--- src/text: a low risk, and nobody is asked"
troupe run "$example/code-migration.troupe.yaml" -i folder=src/text -o json | node "$outcome"
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
node "$outcome" < "$work/second.json"

echo
echo "--- everything is as it was, and the history tells"
git diff --quiet before HEAD && echo "no file differs"
git status --short
echo "merged since: $(git rev-list --count --first-parent before..HEAD)"
git log -1 --format=%s
echo "tags: $(git tag)"
node src/receipt.js

echo
echo "--- an agent on the PATH: it is preferred, and what it did is taken back in the same way"
PATH=$example/agents:$PATH
new_repository "$example/project" with "A shop of CommonJS modules"
troupe run "$example/code-migration.troupe.yaml" -i folder=src/text -o json | node "$outcome"
git tag before
set +e
troupe run "$example/code-migration.troupe.yaml" -i folder=src/pay -o json > "$work/third.json"
troupe approve @latest --yes --as ann -o json > "$work/fourth.json"
set -e
node "$outcome" < "$work/fourth.json"
git diff --quiet before HEAD && echo "no file differs"
