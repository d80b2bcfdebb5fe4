#!/bin/sh
# bin/setenv.sh
# The parallel collector: G1 follows, on threads of its own, each of the many references that a write to an old connection
# leaves behind, and that costs a quarter of all that a live message costs.
# Large pages: a walk touches thousands of connections, each in a place of its own.
# Touched at the start: a large page that is cleared when a publish first needs it is a long pause.
CATALINA_OPTS="$CATALINA_OPTS -XX:+UseParallelGC -XX:+UseTransparentHugePages -XX:+AlwaysPreTouch"
# The figures that jstat shows are taken once a second in place of twenty times: 0.15 % of a core.
CATALINA_OPTS="$CATALINA_OPTS -XX:PerfDataSamplingInterval=1000"
# A smaller buffer for each WebSocket (8 kB otherwise), of which it has several. Text is cut into frames of this size.
CATALINA_OPTS="$CATALINA_OPTS -Dorg.apache.tomcat.websocket.DEFAULT_BUFFER_SIZE=3072"
