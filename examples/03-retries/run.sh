# Starts the server, runs the workflow into the quarantine, repairs the server, and lets the run go on.
node flaky-server.mjs address &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
until [ -s address ]; do sleep 0.05; done
url=$(cat address)

set +e
troupe run retries.troupe.yaml -i "url=$url" -o json > first.json
echo "exit $?: a person has to look"
set -e
node outcome.mjs < first.json

echo
echo "--- what was retried, and why"
troupe events @latest -o jsonl | node retried.mjs

echo
echo "--- what waits for a person"
troupe quarantine list -o json | node waiting.mjs

echo
echo "--- the server is repaired, the step released, the run goes on"
node get.mjs "$url/repair"
troupe quarantine release @latest order -o json | node outcome.mjs

echo
echo "--- what the server saw: however many attempts, one key a step"
node get.mjs "$url/log"
node get.mjs "$url/stop"
wait "$server"
