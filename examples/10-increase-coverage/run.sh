# Writes the tests that are missing in a project: on a machine without coding agents, and on one where `codex` is on the PATH.
. ../shared/set-up.sh
troupe test increase-coverage.test.yaml
leave_agents_behind

echo "--- no agent on the PATH: a local tool writes tests, and those that test something are kept"
new_repository "$example/project" without "A project with few tests"
troupe run "$example/increase-coverage.troupe.yaml" -o json | node "$outcome"
git diff --stat "$(git rev-list --max-parents=0 HEAD)" HEAD
cat test/initials.test.mjs

echo
echo "--- the second run finds nothing to do"
troupe run "$example/increase-coverage.troupe.yaml" -o json | node "$outcome"

echo
echo "--- an agent on the PATH: it is preferred, and sifted in the same way"
PATH=$example/agents:$PATH
new_repository "$example/project" with "A project with few tests"
troupe run "$example/increase-coverage.troupe.yaml" -o json | node "$outcome"
