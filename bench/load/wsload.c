// The load client: holds thousands of connections in one thread, hears and asks, and does as little else as can be,
// because what it burns the servers on the same machine do not have. load.ts starts it and says what to do.
//
//   wsload PORT MODE FILE READY ANSWER
//
// MODE is gql (graphql-transport-ws), raw (WebSocket), sio (Socket.IO) or http. FILE has a line for each connection:
// path, first message, subscription and request, with tabs between; what is empty is left out. In a request %N becomes
// a number of its own and %T the time in ns. A connection is open once it heard READY (or was let in, where that is
// empty), and an answer must contain ANSWER. Whatever contains "~T<ns>" is a delivery, as old as that says.
#include "wsload.h"

// -- connections ---------------------------------------------------------------------------------

static void start(Connection *c) {
  int yes = 1;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
  opening++;
  c->state = CONNECTING;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) fail("socket");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->fd, &event)) fail("epoll");
  if (connect(c->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) fail("connect");
}

static void connected(Connection *c) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  char request[1024];
  int error;
  socklen_t size = sizeof error;
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) return ended(c, strerror(error));
  epoll_ctl(poll_fd, EPOLL_CTL_MOD, c->fd, &event);
  if (mode[0] == 'h') return opened(c);
  c->state = UPGRADING;
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
                        c->path, port, mode[0] == 'g' ? "Sec-WebSocket-Protocol: graphql-transport-ws\r\n" : "");
  send_all(c, request, length);
}

static void happened(Connection *c, uint32_t events) {
  static char bytes[READ_BYTES];
  if (c->state == DEAD) return;
  if (c->state == CONNECTING) {
    if (events & (EPOLLOUT | EPOLLERR)) connected(c);
    return;
  }
  ssize_t length = read(c->fd, bytes, sizeof bytes);
  if (length > 0) heard(c, bytes, length);
  else if (length == 0) ended(c, "it was cut");
  else if (errno != EAGAIN) ended(c, strerror(errno));
}

static void flood(uint64_t count, uint64_t in_flight) {
  answered = 0;
  to_answer = to_ask = count;
  for (size_t i = 0; i < total && in_flight > 0 && to_ask > 0; i++) {
    if (connections[i].state != OPEN || !*connections[i].request) continue;
    in_flight--;
    to_ask--;
    ask(&connections[i]);
  }
}

static void command(const char *line) {
  uint64_t count, in_flight;
  if (sscanf(line, "await %lu", &count) == 1) {
    awaited = count;
    if (delivered == awaited) puts("{\"is\":\"delivered\"}");
  } else if (sscanf(line, "flood %lu %lu", &count, &in_flight) == 2) flood(count, in_flight);
  else if (!strncmp(line, "stat", 4)) print_stat();
}

static void read_commands(void) {
  static char bytes[4096];
  static size_t length;
  ssize_t more = read(0, bytes + length, sizeof bytes - length - 1);
  if (more <= 0) exit(0); // whoever started it is gone
  length += more;
  bytes[length] = 0;
  char *line = bytes, *end;
  for (; (end = strchr(line, '\n')); line = end + 1) {
    *end = 0;
    command(line);
  }
  length -= line - bytes;
  memmove(bytes, line, length);
}

static void read_connections(const char *path) {
  FILE *file = fopen(path, "r");
  char *line = NULL;
  size_t room = 0;
  ssize_t length;
  if (!file) fail(path);
  while ((length = getline(&line, &room, file)) > 0) {
    connections = realloc(connections, (total + 1) * sizeof(Connection));
    if (line[length - 1] == '\n') line[length - 1] = 0;
    char *rest = strdup(line);
    Connection c = {.path = strsep(&rest, "\t"), .first = strsep(&rest, "\t")};
    c.subscription = strsep(&rest, "\t");
    c.request = rest;
    if (!c.request) fail("a line without four fields");
    connections[total++] = c;
  }
  fclose(file);
}

int main(int count, char **arguments) {
  struct epoll_event events[512], input = {.events = EPOLLIN, .data.ptr = NULL};
  struct rlimit files;
  int is_ready = 0;
  if (count != 6) return fprintf(stderr, "usage: wsload PORT MODE FILE READY ANSWER\n"), 2;
  port = atoi(arguments[1]);
  mode = arguments[2];
  ready_mark = arguments[4];
  answer_mark = arguments[5];
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  setvbuf(stdout, NULL, _IOLBF, 0);
  read_connections(arguments[3]);
  poll_fd = epoll_create1(0);
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &input);
  for (;;) {
    while (next_to_open < total && opening < OPENING_AT_ONCE) start(&connections[next_to_open++]);
    if (!is_ready && open_count + dead == total) {
      is_ready = 1;
      printf("{\"is\":\"ready\",\"open\":%zu,\"dead\":%zu}\n", open_count, dead);
    }
    int happenings = epoll_wait(poll_fd, events, 512, -1);
    for (int i = 0; i < happenings; i++) {
      if (events[i].data.ptr) happened(events[i].data.ptr, events[i].events);
      else read_commands();
    }
  }
}
