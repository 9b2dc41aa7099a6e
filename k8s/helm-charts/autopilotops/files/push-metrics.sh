#!/bin/sh
# Beside the retraining job: pushes its metrics file to a Pushgateway whenever it changes, and once more on SIGTERM,
# which the kubelet sends after the job's container has ended. Never fails: a job does not depend on its metrics.
#
# Environment: METRICS_FILE, PUSHGATEWAY_URL, AUTOPILOT_MODEL; PUSH_PERIOD in seconds, 15 by default.
set -u
pushed=""
stopping=false
trap 'stopping=true' TERM INT

push() {
  [ -s "$METRICS_FILE" ] || return 0
  current=$(cksum <"$METRICS_FILE")
  [ "$current" != "$pushed" ] || return 0
  # PUT replaces the whole group of this model, so that nothing of an earlier run stays.
  if curl --silent --show-error --fail --max-time 10 --request PUT --data-binary "@$METRICS_FILE" \
    "${PUSHGATEWAY_URL%/}/metrics/job/autopilotops-retrain/model/$AUTOPILOT_MODEL"; then
    pushed=$current
    echo "push-metrics: pushed" >&2
  fi
}

echo "push-metrics: watching $METRICS_FILE" >&2
while ! $stopping; do
  push
  sleep "${PUSH_PERIOD:-15}" &
  wait $!
done
# The gateway may be away for a moment; the kubelet waits for the pod's grace period.
for _ in 1 2 3; do
  push
  [ "$(cksum <"$METRICS_FILE" 2>/dev/null)" = "$pushed" ] && break
  [ -s "$METRICS_FILE" ] || break
  sleep 2
done
exit 0
