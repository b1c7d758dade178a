// What wsload.c counts, says and hears; a part of it, compiled with it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OPENING_AT_ONCE = 32, MESSAGE_BYTES = 1 << 16, READ_BYTES = 1 << 18 };
enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

typedef enum { WAITING, CONNECTING, UPGRADING, GREETING, SUBSCRIBING, OPEN, DEAD } State;

typedef struct {
  int fd;
  State state;
  char *path, *first, *subscription, *request;
  uint64_t asked_at; // 0: nothing is asked
  size_t length, room;
  char *bytes; // what came and is not a whole message yet
} Connection;

/** Times in ms. */
typedef struct {
  float *values;
  size_t count, room;
} Times;

static int port, poll_fd;
static const char *mode, *ready_mark, *answer_mark;
static Connection *connections;
static size_t total, next_to_open, opening, open_count, dead;
static uint64_t delivered, delivered_bytes, awaited, oldest, asked, answered, to_ask, to_answer, failed;
static Times deliveries, lasts, answers;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "wsload: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void note(Times *times, uint64_t ns) {
  if (times->count == times->room) {
    times->room = times->room ? times->room * 2 : 65536;
    times->values = realloc(times->values, times->room * sizeof(float));
    if (!times->values) fail("memory");
  }
  times->values[times->count++] = ns / 1e6f;
}

static int ascending(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

static float quantile(const Times *times, double share) {
  if (!times->count) return 0;
  size_t at = times->count * share;
  return times->values[at < times->count ? at : times->count - 1];
}

static void print_times(const char *name, Times *times) {
  qsort(times->values, times->count, sizeof(float), ascending);
  printf(",\"%s\":{\"count\":%zu,\"p50\":%.4f,\"p99\":%.4f,\"max\":%.4f}", name, times->count, quantile(times, 0.5),
         quantile(times, 0.99), quantile(times, 1));
  times->count = 0;
}

/** Everything since the last time. */
static void print_stat(void) {
  printf("{\"is\":\"stat\",\"delivered\":%lu,\"failed\":%lu,\"dead\":%zu,\"bytes\":%.1f", delivered, failed, dead,
         deliveries.count ? (double)delivered_bytes / deliveries.count : 0.0);
  delivered_bytes = 0;
  print_times("deliveries", &deliveries);
  print_times("lasts", &lasts);
  print_times("answers", &answers);
  puts("}");
}

// -- what is sent --------------------------------------------------------------------------------

static void send_all(Connection *c, const char *bytes, size_t length) {
  if (write(c->fd, bytes, length) != (ssize_t)length) fail("a write that did not take everything");
}

static void send_frame(Connection *c, int opcode, const char *text, size_t length) {
  static char frame[MESSAGE_BYTES + 16];
  const char mask[4] = {1, 2, 3, 4};
  size_t at = 0;
  if (length > 65535) fail("a message that is too long");
  frame[at++] = (char)(0x80 | opcode);
  if (length < 126) frame[at++] = (char)(0x80 | length);
  else {
    frame[at++] = (char)(0x80 | 126);
    frame[at++] = (char)(length >> 8);
    frame[at++] = (char)(length & 255);
  }
  memcpy(frame + at, mask, 4);
  at += 4;
  for (size_t i = 0; i < length; i++) frame[at++] = text[i] ^ mask[i & 3];
  send_all(c, frame, at);
}

static void send_http(Connection *c, const char *body, size_t length) {
  static char request[MESSAGE_BYTES + 512];
  int head = snprintf(request, 512,
                      "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
                      "Accept: application/graphql-response+json\r\nContent-Length: %zu\r\n\r\n",
                      c->path, port, length);
  memcpy(request + head, body, length);
  send_all(c, request, head + length);
}

/** The connection's request with its number and time filled in. */
static void ask(Connection *c) {
  static char text[MESSAGE_BYTES];
  size_t at = 0;
  c->asked_at = now();
  asked++;
  for (const char *p = c->request; *p && at < sizeof text - 32; p++) {
    if (p[0] == '%' && p[1] == 'N') at += sprintf(text + at, "%010lu", asked), p++;
    else if (p[0] == '%' && p[1] == 'T') at += sprintf(text + at, "%lu", c->asked_at), p++;
    else text[at++] = *p;
  }
  if (mode[0] == 'h') send_http(c, text, at);
  else send_frame(c, TEXT, text, at);
}

// -- what is heard -------------------------------------------------------------------------------

static void complain(const char *why, const char *text, size_t length) {
  if (failed++ < 3) fprintf(stderr, "wsload: %s: %.*s\n", why, (int)(length < 400 ? length : 400), text);
}

static void opened(Connection *c) {
  c->state = OPEN;
  opening--;
  open_count++;
}

static void ended(Connection *c, const char *why) {
  if (c->state == DEAD) return;
  if (dead < 3) fprintf(stderr, "wsload: connection %zu ended: %s\n", (size_t)(c - connections), why);
  if (c->state != OPEN) opening--;
  c->state = DEAD;
  dead++;
  close(c->fd);
}

static void heard_answer(Connection *c, const char *text, size_t length) {
  if (!memmem(text, length, answer_mark, strlen(answer_mark))) complain("not an answer", text, length);
  note(&answers, now() - c->asked_at);
  c->asked_at = 0;
  if (to_ask > 0) {
    to_ask--;
    ask(c);
  }
  if (++answered == to_answer) puts("{\"is\":\"answered\"}");
}

static void heard_delivery(uint64_t sent_at) {
  uint64_t at = now();
  note(&deliveries, at - sent_at);
  if (oldest == 0 || sent_at < oldest) oldest = sent_at;
  if (++delivered != awaited) return;
  note(&lasts, at - oldest);
  oldest = 0;
  puts("{\"is\":\"delivered\"}");
}

static void subscribe(Connection *c) {
  c->state = SUBSCRIBING;
  if (*c->subscription) send_frame(c, TEXT, c->subscription, strlen(c->subscription));
  if (!*c->subscription || !*ready_mark) opened(c);
}

static int has(const char *text, size_t length, const char *mark) {
  return memmem(text, length, mark, strlen(mark)) != NULL;
}

static void heard_open(Connection *c, const char *text, size_t length) {
  const char *stamp = *c->request ? NULL : memmem(text, length, "~T", 2);
  if (stamp) {
    delivered_bytes += length;
    return heard_delivery(strtoull(stamp + 2, NULL, 10));
  }
  if (mode[0] == 's' && length == 1 && text[0] == '2') return send_frame(c, TEXT, "3", 1);
  if (has(text, length, "\"errors\"") || has(text, length, "\"type\":\"error\"")) complain("an error", text, length);
  if (!c->asked_at) return;
  if (mode[0] != 'g' || has(text, length, "\"type\":\"next\"")) heard_answer(c, text, length);
}

static void heard_text(Connection *c, const char *text, size_t length) {
  if (c->state == OPEN) return heard_open(c, text, length);
  if (c->state == SUBSCRIBING && has(text, length, ready_mark)) return opened(c);
  if (c->state == SUBSCRIBING) return complain("not ready", text, length);
  if (mode[0] == 'g' && has(text, length, "connection_ack")) return subscribe(c);
  if (mode[0] == 's' && text[0] == '0') return send_frame(c, TEXT, "40", 2);
  if (mode[0] == 's' && text[0] == '4') return opened(c);
  complain("unexpected", text, length);
}

static void heard_frame(Connection *c, int opcode, const char *text, size_t length) {
  if (opcode == PING) send_frame(c, PONG, text, length);
  else if (opcode == CLOSE) ended(c, length > 2 ? strndupa(text + 2, length - 2) : "it was closed");
  else if (opcode == TEXT) heard_text(c, text, length);
}

/** How many bytes the first whole message has; 0 where it is not there yet. */
static size_t take_frame(Connection *c, const char *at, size_t length) {
  const unsigned char *b = (const unsigned char *)at;
  size_t head = 2, size;
  if (length < 2) return 0;
  size = b[1] & 127;
  if (size == 126) head = 4;
  else if (size == 127) head = 10;
  if (length < head) return 0;
  if (head > 2) {
    size = 0;
    for (size_t i = 2; i < head; i++) size = size << 8 | b[i];
  }
  if (length < head + size) return 0;
  heard_frame(c, b[0] & 15, at + head, size);
  return head + size;
}

static size_t take_response(Connection *c, const char *at, size_t length) {
  const char *end = memmem(at, length, "\r\n\r\n", 4);
  if (!end) return 0;
  size_t head = end + 4 - at, size = 0;
  const char *field = strcasestr(at, "content-length:");
  if (field && field < end) size = strtoul(field + 15, NULL, 10);
  else { // in chunks: the last is empty
    const char *last = memmem(end, length - (end - at), "\r\n0\r\n\r\n", 7);
    if (!last) return 0;
    size = last + 7 - at - head;
  }
  if (length < head + size) return 0;
  heard_answer(c, at, head + size);
  return head + size;
}

static size_t take_upgrade(Connection *c, const char *at, size_t length) {
  const char *end = memmem(at, length, "\r\n\r\n", 4);
  if (!end) return 0;
  if (memcmp(at + 9, "101", 3)) {
    complain("not let in", at, length);
    ended(c, "not let in");
    return length;
  }
  c->state = GREETING;
  if (*c->first) send_frame(c, TEXT, c->first, strlen(c->first));
  if (mode[0] == 'r') opened(c);
  return end + 4 - at;
}

static size_t take_one(Connection *c, const char *at, size_t length) {
  if (mode[0] == 'h') return take_response(c, at, length);
  return c->state == UPGRADING ? take_upgrade(c, at, length) : take_frame(c, at, length);
}

static void heard(Connection *c, const char *bytes, size_t length) {
  if (c->length + length + 1 > c->room) {
    c->room = c->length + length + 1024;
    c->bytes = realloc(c->bytes, c->room);
    if (!c->bytes) fail("memory");
  }
  memcpy(c->bytes + c->length, bytes, length);
  c->length += length;
  c->bytes[c->length] = 0;
  size_t at = 0, taken;
  while (c->state != DEAD && (taken = take_one(c, c->bytes + at, c->length - at)) > 0) at += taken;
  c->length -= at;
  memmove(c->bytes, c->bytes + at, c->length);
  if (c->length > 0 || c->room <= 4096) return;
  free(c->bytes); // thousands of them add up
  c->bytes = NULL;
  c->room = 0;
}
