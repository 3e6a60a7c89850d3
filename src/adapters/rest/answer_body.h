#ifndef ENRICH_ADAPTERS_REST_ANSWER_BODY_H_
#define ENRICH_ADAPTERS_REST_ANSWER_BODY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "expression/expression.h"
#include "expression/value.h"
#include "model/credits.h"

namespace enrich::rest {

using expression::Arena;
using expression::Expression;
using expression::Value;

// A place in a provider file, for messages: "poll.results", "[3]", ".phone".
struct Place {
  absl::string_view part = {};
  std::optional<size_t> element = {};
  absl::string_view field = {};
};

// A body that somebody else wrote, parsed once, and what was noticed in it. Not
// thread-safe; Values must not outlive it.
class AnswerBody {
 public:
  // `operation` names the reader in messages and must outlive this.
  AnswerBody(absl::string_view operation, absl::string_view text);
  AnswerBody(const AnswerBody&) = delete;
  AnswerBody& operator=(const AnswerBody&) = delete;

  // Whether it is JSON and reading it has kept within the budget so far. What
  // was read from another must not be believed.
  bool readable() const { return is_json() && !is_exhausted(); }
  bool is_json() const { return document_.ok(); }
  bool is_exhausted() const { return arena_.exhausted(); }
  // Null when it is no JSON.
  const Value& root() const { return root_; }
  Arena& arena() { return arena_; }

  Value Evaluate(const Expression& expression) {
    return expression.Evaluate(root_, root_, arena_);
  }
  Value Evaluate(const Expression& expression, const Value& current) {
    return expression.Evaluate(current, root_, arena_);
  }
  // The text of a text or number; empty for anything else.
  std::string Text(const std::optional<Expression>& expression,
                   const Value& current);

  // Notes that `expression` (which may be null) gave what the contract does not
  // know. `what` must not hold data of the body.
  void AddDrift(const Place& place, const Expression* expression,
                absl::string_view what);
  // Notes why the whole body cannot be read, instead of all that was noted
  // before. REQUIRES: !readable().
  void AddUnreadable(absl::string_view part);

  bool has_drift() const { return !drift_.empty(); }
  std::vector<std::string> TakeDrift() { return std::move(drift_); }

 private:
  const absl::string_view operation_;
  const absl::StatusOr<json::Document> document_;
  const Value root_;
  Arena arena_;
  std::vector<std::string> drift_;
};

// Credits as a number or as text; nothing for less than none.
std::optional<Credits> CreditsOf(const Value& value, Arena& arena);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_ANSWER_BODY_H_
