#ifndef ENRICH_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define ENRICH_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace enrich {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

// Matches an absl::Status or StatusOr.
MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).ok();
}
MATCHER_P(StatusIs, code, "has status code " + absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == code;
}

}  // namespace enrich

#define ENRICH_TEST_CONCAT_INNER(a, b) a##b
#define ENRICH_TEST_CONCAT(a, b) ENRICH_TEST_CONCAT_INNER(a, b)
// Assigns the value of a StatusOr, or fails the test and returns from it.
#define ASSERT_OK_AND_ASSIGN(lhs, expr) \
  ASSERT_OK_AND_ASSIGN_(ENRICH_TEST_CONCAT(status_or_, __LINE__), lhs, expr)
#define ASSERT_OK_AND_ASSIGN_(tmp, lhs, expr) \
  auto tmp = (expr);                          \
  ASSERT_THAT(tmp, ::enrich::IsOk());         \
  lhs = *std::move(tmp)

#endif  // ENRICH_TESTS_SUPPORT_STATUS_MATCHERS_H_
