// What both nodes in C share: messages in and out, and the state of a broadcast.
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PEERS = 64, MAX_VALUES = 4096, MAX_NAME = 32 };

// The values are bits of a row per node, in the order in which this node has learned them.
static struct {
  char id[MAX_NAME];
  int peer_count;
  char peers[MAX_PEERS][MAX_NAME];
  int value_count;
  long values[MAX_VALUES];
  // Whether a peer is known to have a value.
  bool acknowledged[MAX_PEERS][MAX_VALUES];
} node;

// The text of a field's value and its length; an empty one if there is no such field. This is enough of JSON for these
// workloads: values are numbers, lists without lists in them, and strings without quotes in them.
typedef struct {
  const char *start;
  int length;
} text;

static inline text field(const char *line, const char *name) {
  char key[MAX_NAME + 4];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char *start = strstr(line, key);
  if (start == NULL) return (text){"", 0};
  start += strlen(key);
  start += strspn(start, " ");
  if (*start == '"') return (text){start + 1, (int)strcspn(start + 1, "\"")};
  if (*start == '[') return (text){start + 1, (int)strcspn(start + 1, "]")};
  return (text){start, (int)strcspn(start, ",}")};
}

static inline bool equals(text value, const char *other) {
  return (size_t)value.length == strlen(other) && strncmp(value.start, other, strlen(other)) == 0;
}

static inline void begin_message(text dest, const char *type) {
  printf("{\"src\":\"%s\",\"dest\":\"%.*s\",\"body\":{\"type\":\"%s\"", node.id, dest.length, dest.start, type);
}

static inline void end_message(void) {
  fputs("}}\n", stdout);
  fflush(stdout);
}

// Prints the values that `peer` lacks; all if that is -1.
static inline void print_values(int peer) {
  fputs(",\"messages\":[", stdout);
  const char *separator = "";
  for (int i = 0; i < node.value_count; i++) {
    if (peer >= 0 && node.acknowledged[peer][i]) continue;
    printf("%s%ld", separator, node.values[i]);
    separator = ",";
  }
  fputs("]", stdout);
}

// The row of a value, which is new if the node has not seen it.
static inline int learn(long value) {
  for (int i = 0; i < node.value_count; i++) {
    if (node.values[i] == value) return i;
  }
  if (node.value_count == MAX_VALUES) exit(1);
  node.values[node.value_count] = value;
  return node.value_count++;
}

// Learns the values of a list, which the peer has too.
static inline void learn_from(text source, text list) {
  int peer = 0;
  while (peer < node.peer_count && !equals(source, node.peers[peer])) peer++;
  if (peer == node.peer_count) return;
  const char *end = list.start + list.length;
  for (const char *next = list.start; next < end; next++) {
    char *rest;
    node.acknowledged[peer][learn(strtol(next, &rest, 10))] = true;
    next = rest;
  }
}

static inline void start(const char *line) {
  text id = field(line, "node_id"), ids = field(line, "node_ids");
  snprintf(node.id, sizeof node.id, "%.*s", id.length, id.start);
  const char *end = ids.start + ids.length;
  for (const char *next = ids.start; next < end && node.peer_count < MAX_PEERS; next++) {
    text name = {next, (int)strcspn(next, "\",]")};
    next += name.length;
    if (name.length == 0 || equals(name, node.id)) continue;
    snprintf(node.peers[node.peer_count++], MAX_NAME, "%.*s", name.length, name.start);
  }
}

// Sends each peer what it is not known to have.
static inline void gossip(void) {
  for (int peer = 0; peer < node.peer_count; peer++) {
    int lacking = 0;
    for (int i = 0; i < node.value_count; i++) lacking += !node.acknowledged[peer][i];
    if (lacking == 0) continue;
    begin_message((text){node.peers[peer], (int)strlen(node.peers[peer])}, "gossip");
    print_values(peer);
    end_message();
  }
}

static inline void reply(text source, const char *type, text number) {
  begin_message(source, type);
  printf(",\"in_reply_to\":%.*s", number.length, number.start);
}

static inline void handle(const char *line) {
  text source = field(line, "src"), type = field(line, "type"), number = field(line, "msg_id");
  text messages = field(line, "messages");
  if (equals(type, "gossip") || equals(type, "gossip_ok")) learn_from(source, messages);
  if (equals(type, "gossip")) {
    begin_message(source, "gossip_ok");
    printf(",\"messages\":[%.*s]", messages.length, messages.start);
    end_message();
  }
  if (equals(type, "init")) start(line);
  if (equals(type, "broadcast")) learn(strtol(field(line, "message").start, NULL, 10));
  if (number.length == 0) return;
  char reply_type[MAX_NAME];
  snprintf(reply_type, sizeof reply_type, "%.*s_ok", type.length, type.start);
  reply(source, reply_type, number);
  if (equals(type, "echo")) {
    text echo = field(line, "echo");
    printf(",\"echo\":\"%.*s\"", echo.length, echo.start);
  }
  if (equals(type, "read")) print_values(-1);
  end_message();
}

#endif
