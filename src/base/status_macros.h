#ifndef ENRICH_BASE_STATUS_MACROS_H_
#define ENRICH_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expr` (an absl::Status) is an
// error.
#define RETURN_IF_ERROR(expr)                      \
  do {                                             \
    absl::Status enrich_status = (expr);           \
    if (!enrich_status.ok()) return enrich_status; \
  } while (false)

#define ENRICH_CONCAT_INNER(a, b) a##b
#define ENRICH_CONCAT(a, b) ENRICH_CONCAT_INNER(a, b)

// Assigns the value of `expr` (an absl::StatusOr) to `lhs`, or returns its
// status from the enclosing function.
#define ASSIGN_OR_RETURN(lhs, expr) \
  ENRICH_ASSIGN_OR_RETURN(ENRICH_CONCAT(enrich_status_or_, __LINE__), lhs, expr)
#define ENRICH_ASSIGN_OR_RETURN(tmp, lhs, expr)  \
  auto tmp = (expr);                             \
  if (!tmp.ok()) return std::move(tmp).status(); \
  lhs = *std::move(tmp)

#endif  // ENRICH_BASE_STATUS_MACROS_H_
