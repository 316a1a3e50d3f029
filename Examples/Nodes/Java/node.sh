#!/bin/sh
# Starts the node. The flags make the virtual machine start quickly and keep its files out of /tmp.
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -cp "${0%/*}/../build/java" Node
