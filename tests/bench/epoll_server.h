#ifndef ENRICH_TESTS_BENCH_EPOLL_SERVER_H_
#define ENRICH_TESTS_BENCH_EPOLL_SERVER_H_

namespace enrich::bench {

// Serves what limits any HTTP server on one thread: reads each request in full
// and answers 200, and looks at nothing but its length. Returns the exit code.
int ServeEpoll();

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_EPOLL_SERVER_H_
