#!/bin/sh
# bin/setenv.sh: a small buffer for each WebSocket (8 kB otherwise).
# The parallel collector: G1 follows, on threads of its own, each of the many references that a write to an old connection
# leaves behind, and that costs a quarter of all that a live message costs.
CATALINA_OPTS="$CATALINA_OPTS -XX:+UseParallelGC -Dorg.apache.tomcat.websocket.DEFAULT_BUFFER_SIZE=1024"
