#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "expression/expression.h"
#include "fuzz/require.h"

namespace enrich::expression {
namespace {

const Tables& FuzzTables() {
  static const auto* const tables =
      new Tables{{"t", {{"a", "b"}, {"", "none"}, {"*", "other"}}}};
  return *tables;
}

// Whatever comes of it is JSON, and the same when it is done again.
void EvaluateOn(const Expression& expression, const json::Document& document) {
  constexpr Budget kBudget = {.steps = 20'000, .bytes = 1 << 20};
  const Value root(document.root());
  std::string first;
  for (int i = 0; i < 2; ++i) {
    Arena arena(kBudget);
    const Value value = expression.Evaluate(root, root, arena);
    Require(!arena.exhausted() || value.null(), "a value without a budget");
    json::Writer out;
    value.WriteWithin(arena, out);
    const std::string text = out.Take();
    // What is computed may be nested more deeply than what is received.
    Require(json::Document::Parse(text, {.max_depth = 200}).ok(),
            "what was written does not parse");
    Require(i == 0 || text == first, "two evaluations differ");
    first = text;
  }
}

}  // namespace
}  // namespace enrich::expression

// The text of an expression, a line feed, and a document.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using enrich::expression::Expression;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = input.find('\n');
  const absl::StatusOr<Expression> expression = Expression::Compile(
      input.substr(0, end), enrich::expression::FuzzTables());
  if (!expression.ok() || end == input.npos) return 0;
  const absl::StatusOr<enrich::json::Document> document =
      enrich::json::Document::Parse(input.substr(end + 1));
  if (document.ok()) {
    enrich::expression::EvaluateOn(*expression, *document);
  }
  return 0;
}
