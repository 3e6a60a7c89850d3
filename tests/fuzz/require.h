#ifndef ENRICH_TESTS_FUZZ_REQUIRE_H_
#define ENRICH_TESTS_FUZZ_REQUIRE_H_

#include <cstdio>
#include <cstdlib>

namespace enrich {

// Ends the process, which the fuzzer reports with the input, unless `holds`.
inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

}  // namespace enrich

#endif  // ENRICH_TESTS_FUZZ_REQUIRE_H_
