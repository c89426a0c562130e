# Runs the pipeline into its gate, mends the file that is wrong, and runs it again: only that file is read.
export REPORT_SECRET=no-secret-at-all-but-long-enough
node service.mjs address &
service=$!
trap 'kill "$service" 2>/dev/null || true' EXIT
until [ -s address ]; do sleep 0.05; done
url=$(cat address)

troupe test pipeline.test.yaml

echo "--- a currency is misspelt in west.csv: the gate stays shut"
set +e
troupe run pipeline.troupe.yaml -i "service=$url" -o json > first.json
echo "exit $?"
set -e
node outcome.mjs < first.json

echo
echo "--- the file is mended: the others come from the cache"
cp mended/west.csv data/west.csv
troupe run pipeline.troupe.yaml -i "service=$url" -o json | node outcome.mjs
troupe events @latest -o jsonl | node cached.mjs

echo
echo "--- what the service saw: one report, signed"
node get.mjs "$url/log"
node get.mjs "$url/stop"
wait "$service"
