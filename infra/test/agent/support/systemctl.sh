#!/bin/bash
# A stand-in for systemctl over one unit: $UNIT_DIR holds `command` (what the unit runs) and `pid` while it is loaded.
# Knows what the agent uses: start --no-block, stop, kill --signal=SIGKILL, show --property=ActiveState --value.
set -u
pid_file="$UNIT_DIR/pid"
pid=$(cat "$pid_file" 2>/dev/null)
alive() { [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && [ "$(cut -d' ' -f3 "/proc/$pid/stat" 2>/dev/null)" != Z ]; }
case "$1" in
  start)
    alive && exit 0
    setsid nohup bash "$UNIT_DIR/command" </dev/null >>"$UNIT_DIR/engine.log" 2>&1 &
    echo $! >"$pid_file"
    ;;
  stop)
    alive && kill -INT "$pid"
    while alive; do sleep 0.01; done
    ;;
  kill) alive && kill -KILL "$pid" ;;
  show) if alive; then echo active; else echo inactive; fi ;;
  *)
    echo "systemctl stand-in: unknown command $1" >&2
    exit 64
    ;;
esac
