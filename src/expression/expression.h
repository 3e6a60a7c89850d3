#ifndef ENRICH_EXPRESSION_EXPRESSION_H_
#define ENRICH_EXPRESSION_EXPRESSION_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "expression/value.h"

// The expressions of provider files: the JMESPath grammar, `$` for the root of
// the document, and a fixed set of functions. Every expression ends, does no
// I/O, and has a value for every input: what does not fit is null.
namespace enrich::expression {

// What words mean: from a provider's word to ours. "*" stands for every other
// word.
using Table = std::map<std::string, std::string, std::less<>>;
// By name.
using Tables = std::map<std::string, Table, std::less<>>;

class Node;

// A compiled expression. Immutable; safe from any thread.
class Expression {
 public:
  // INVALID_ARGUMENT with the column for a text that is no expression, for an
  // unknown function or a wrong number of arguments, and for a table that
  // `tables` does not have. The text and what is needed of `tables` are copied.
  static absl::StatusOr<Expression> Compile(absl::string_view text,
                                            const Tables& tables);

  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  // The value with `current` as `@` and `root` as `$`. Check
  // `arena.exhausted()` before believing it.
  Value Evaluate(const Value& current, const Value& root, Arena& arena) const;

  // As it was written.
  absl::string_view text() const { return text_; }

 private:
  Expression(std::string text, std::unique_ptr<const Node> node);

  std::string text_;
  std::unique_ptr<const Node> node_;
};

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_EXPRESSION_H_
