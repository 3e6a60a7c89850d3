#include "expression/expression.h"

#include <utility>

#include "base/status_macros.h"
#include "expression/node.h"
#include "expression/parser.h"

namespace enrich::expression {

Expression::Expression(std::string text, std::unique_ptr<const Node> node)
    : text_(std::move(text)), node_(std::move(node)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

absl::StatusOr<Expression> Expression::Compile(absl::string_view text,
                                               const Tables& tables) {
  ASSIGN_OR_RETURN(NodePtr node, Parse(text, tables));
  return Expression(std::string(text), std::move(node));
}

Value Expression::Evaluate(const Value& current, const Value& root,
                           Arena& arena) const {
  Scope scope = {.root = root, .arena = arena};
  const Value value = node_->Evaluate(current, scope);
  return arena.exhausted() ? Value() : value;
}

}  // namespace enrich::expression
