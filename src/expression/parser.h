#ifndef ENRICH_EXPRESSION_PARSER_H_
#define ENRICH_EXPRESSION_PARSER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "expression/node.h"

namespace enrich::expression {

// Bytes of an expression.
constexpr size_t kMaxText = 16 << 10;
// Nodes inside each other; evaluation and parsing recurse that deep.
constexpr int kMaxDepth = 64;

// INVALID_ARGUMENT as for Expression::Compile.
absl::StatusOr<NodePtr> Parse(absl::string_view text, const Tables& tables);

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_PARSER_H_
