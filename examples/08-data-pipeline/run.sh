# Runs the pipeline into its gate, mends the file that is wrong, and runs it again: only that file is read.
. ../shared/set-up.sh
cp -R . "$work/pipeline"
cd "$work/pipeline"

export REPORT_SECRET=no-secret-at-all-but-long-enough
node service.mjs address &
service=$!
trap 'kill "$service" 2>/dev/null || true; rm -rf "$work"' EXIT
until [ -s address ]; do sleep 0.05; done
url=$(cat address)

troupe test pipeline.test.yaml

echo "--- a currency is misspelt in west.csv: the gate stays shut"
set +e
troupe run pipeline.troupe.yaml -i "service=$url" -o json > first.json
echo "exit $?"
set -e
node "$outcome" < first.json

echo
echo "--- the file is mended: the others come from the cache"
cp mended/west.csv data/west.csv
troupe run pipeline.troupe.yaml -i "service=$url" -o json | node "$outcome"
for item in east west; do troupe cache why "read[$item]" | sed -E 's/ [0-9a-f]{12} / KEY /'; done

echo
echo "--- what the service saw: one report, signed"
node get.mjs "$url/log"
node get.mjs "$url/stop"
wait "$service"
