#!/bin/sh
# A node for the workloads echo and broadcast, in the POSIX shell.
#
# A background process writes the line "tick" every 200 to 300 ms. Ticks and the lines of standard input come through one
# pipe, so all state is in the variables of one loop. A value is sent to each peer at each tick until the peer
# acknowledges it.

node_id='' peers='' values=''
# For each peer PEER, the values that it is known to have are in known_PEER.

# Puts the text of the value of field $1 into $value. This is enough of JSON for these workloads: values are numbers, lists without lists
# in them, and strings without quotes in them.
field() {
  value=${line#*\""$1"\":}
  if [ "$value" = "$line" ]; then
    value=''
    return
  fi
  value=${value# }
  case $value in
    \"*) value=${value#\"} value=${value%%\"*} ;;
    \[*) value=${value#\[} value=${value%%\]*} ;;
    *) value=${value%%[,\}]*} ;;
  esac
}

send() {
  printf '{"src":"%s","dest":"%s","body":{%s}}\n' "$node_id" "$1" "$2"
}

# Puts those items of the list $1 that are not in the list $2 into $rest. Spaces separate items.
subtract() {
  rest=''
  for item in $1; do
    case " $2 " in
      *" $item "*) ;;
      *) rest="$rest $item" ;;
    esac
  done
}

# Prints a list's items with commas.
json() {
  IFS=' '
  set -- $1
  IFS=','
  printf '[%s]' "$*"
}

start() {
  field node_id
  node_id=$value
  field node_ids
  for peer in $(printf '%s' "$value" | tr '",' '  '); do
    if [ "$peer" != "$node_id" ]; then peers="$peers $peer"; fi
  done
}

gossip() {
  for peer in $peers; do
    eval "known=\$known_$peer"
    subtract "$values" "$known"
    if [ "$rest" ]; then send "$peer" "\"type\":\"gossip\",\"messages\":$(json "$rest")"; fi
  done
}

# Adds the values in the field "messages" to the node's and to those that the sender has.
learn() {
  field messages
  learned=$(printf '%s' "$value" | tr ',' ' ')
  subtract "$learned" "$values"
  values=$values$rest
  eval "known=\$known_$source"
  subtract "$learned" "$known"
  eval "known_$source=\$known\$rest"
}

# Handles $line. What the reply has beside its type and the number of the request is in $reply.
handle() {
  field src
  source=$value
  field type
  kind=$value
  reply=''
  case $kind in
    init) start ;;
    echo)
      field echo
      reply=",\"echo\":\"$value\""
      ;;
    broadcast)
      field message
      values="$values $value"
      ;;
    read) reply=",\"messages\":$(json "$values")" ;;
    gossip)
      learn
      send "$source" "\"type\":\"gossip_ok\",\"messages\":$(json "$learned")"
      ;;
    gossip_ok) learn ;;
  esac
  field msg_id
  if [ "$value" ]; then send "$source" "\"type\":\"${kind}_ok\",\"in_reply_to\":$value$reply"; fi
}

ticks() {
  while sleep "0.2$(($(od -A n -N 1 -t u1 /dev/urandom) % 10))"; do echo tick; done
}

{
  ticks &
  cat
  kill $!
} | while IFS= read -r line; do
  case $line in
    tick) gossip ;;
    *) handle ;;
  esac
done
