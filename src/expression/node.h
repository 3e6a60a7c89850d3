#ifndef ENRICH_EXPRESSION_NODE_H_
#define ENRICH_EXPRESSION_NODE_H_

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "expression/expression.h"
#include "expression/value.h"

// The parts of a compiled expression.
namespace enrich::expression {

struct Function;

// What an evaluation has besides the current value.
struct Scope {
  Value root;
  Arena& arena;
};

// A member, or an element; below zero counts from the end.
using PathPart = std::variant<std::string, int64_t>;

class Node {
 public:
  virtual ~Node() = default;

  // The value for `current`, which costs a step; null when there is none left.
  Value Evaluate(const Value& current, Scope& scope) const {
    return scope.arena.Step() ? Compute(current, scope) : Value();
  }

  // Goes on to a part of its value from now on. False when it cannot: then
  // nothing changed.
  virtual bool Extend(PathPart& /*part*/) { return false; }

  // How deep evaluation recurses.
  int depth() const { return depth_; }

 protected:
  // Children that are not there may be null.
  Node(std::initializer_list<const Node*> children) {
    for (const Node* child : children) AddDepthOf(child);
  }
  void AddDepthOf(const Node* child) {
    if (child != nullptr) depth_ = std::max(depth_, child->depth_ + 1);
  }

 private:
  virtual Value Compute(const Value& current, Scope& scope) const = 0;

  int depth_ = 1;
};

using NodePtr = std::unique_ptr<Node>;

// `@`, or with `from` what that is; to be extended.
NodePtr MakePath(NodePtr from);
// `$`; to be extended.
NodePtr MakeRootPath();
NodePtr MakeLiteral(json::Document document);
NodePtr MakeString(std::string text);
// `right` for what `left` is.
NodePtr MakePipe(NodePtr left, NodePtr right);
NodePtr MakeOr(NodePtr left, NodePtr right);
NodePtr MakeAnd(NodePtr left, NodePtr right);
NodePtr MakeNot(NodePtr operand);

enum class Comparison : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual
};
NodePtr MakeComparison(Comparison comparison, NodePtr left, NodePtr right);

NodePtr MakeList(std::vector<NodePtr> elements);
// No key twice.
NodePtr MakeHash(std::vector<std::pair<std::string, NodePtr>> members);

// Projections: `right` for each part of what `from` is, nulls left out. Both
// may be null, for the current value.
//
// Elements of an array.
NodePtr MakeListProjection(NodePtr from, NodePtr right);
// Elements of an array and of the arrays directly in it.
NodePtr MakeFlatten(NodePtr from, NodePtr right);
// Values of an object.
NodePtr MakeObjectProjection(NodePtr from, NodePtr right);
// Elements for which `condition` is true.
NodePtr MakeFilter(NodePtr from, NodePtr condition, NodePtr right);
// Elements from `start` up to `stop`, each `step`th; below zero counts from the
// end. `step` is not zero.
struct Slice {
  std::optional<int64_t> start = {};
  std::optional<int64_t> stop = {};
  int64_t step = 1;
};
NodePtr MakeSlice(NodePtr from, const Slice& slice, NodePtr right);

// A call with as many arguments as the function takes, the one with `&` not
// among them.
NodePtr MakeCall(const Function& function, std::vector<NodePtr> arguments,
                 NodePtr reference);
// What `word` means in `table`, see functions.h.
NodePtr MakeLookup(Table table, NodePtr word);

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_NODE_H_
