#ifndef ENRICH_TESTS_UNIT_EXPRESSION_EXPRESSIONS_H_
#define ENRICH_TESTS_UNIT_EXPRESSION_EXPRESSIONS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "expression/expression.h"
#include "support/status_matchers.h"

namespace enrich::expression {

inline const Tables& TestTables() {
  static const auto* const tables = new Tables{
      {"grade", {{"valid", "GOOD"}, {"7", "SEVEN"}, {"true", "YES"}}},
      {"state", {{"done", "FOUND"}, {"", "NONE"}, {"*", "OTHER"}}},
  };
  return *tables;
}

// The value of `text` for the JSON `document`, as JSON; what went wrong when
// there is none.
inline std::string Eval(absl::string_view text, absl::string_view document,
                        const Budget& budget = {}) {
  const absl::StatusOr<Expression> expression =
      Expression::Compile(text, TestTables());
  if (!expression.ok()) return std::string(expression.status().message());
  const absl::StatusOr<json::Document> parsed = json::Document::Parse(document);
  EXPECT_THAT(parsed, IsOk()) << document;
  const Value root(parsed->root());
  Arena arena(budget);
  const Value value = expression->Evaluate(root, root, arena);
  json::Writer out;
  value.WriteTo(out);
  return absl::StrCat(arena.exhausted() ? "exhausted " : "", out.Take());
}

// The error of an expression that does not compile.
inline std::string CompileError(absl::string_view text) {
  const absl::StatusOr<Expression> expression =
      Expression::Compile(text, TestTables());
  if (expression.ok()) return "compiles";
  EXPECT_EQ(expression.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(expression.status().message());
}

}  // namespace enrich::expression

#endif  // ENRICH_TESTS_UNIT_EXPRESSION_EXPRESSIONS_H_
