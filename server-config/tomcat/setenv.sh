#!/bin/sh
# bin/setenv.sh: a small buffer for each WebSocket (8 kB otherwise).
CATALINA_OPTS="$CATALINA_OPTS -Dorg.apache.tomcat.websocket.DEFAULT_BUFFER_SIZE=1024"
