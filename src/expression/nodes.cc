#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "expression/compare.h"
#include "expression/node.h"

namespace enrich::expression {
namespace {

// So many members or elements are passed for one step; fewer for none.
constexpr size_t kPartsPerStep = 32;

class Path final : public Node {
 public:
  Path(NodePtr from, bool from_root)
      : Node({from.get()}), from_(std::move(from)), from_root_(from_root) {}

  bool Extend(PathPart& part) override {
    parts_.push_back(std::move(part));
    return true;
  }

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    if (from_ == nullptr) return Walk(from_root_ ? scope.root : current, scope);
    return Walk(from_->Evaluate(current, scope), scope);
  }

  // Within a document no Values are made of what lies on the way.
  Value Walk(Value value, Scope& scope) const {
    auto part = parts_.begin();
    for (; part != parts_.end() && value.document().missing(); ++part) {
      value = Follow(value, *part, scope.arena);
    }
    if (part == parts_.end()) return value;
    json::Value found = value.document();
    for (; part != parts_.end() && !found.missing(); ++part) {
      found = Follow(found, *part, scope.arena);
    }
    return Value(found);
  }

  template <typename V>
  static V Follow(const V& from, const PathPart& part, Arena& arena) {
    if (const auto* const key = std::get_if<std::string>(&part)) {
      return Pay(from.size(), arena) ? from[*key] : V();
    }
    if (from.type() != Type::kArray) return V();
    const int64_t given = std::get<int64_t>(part);
    const int64_t size = static_cast<int64_t>(from.size());
    const int64_t index = given < 0 ? size + given : given;
    if (index < 0 || index >= size) return V();
    const auto at = static_cast<size_t>(index);
    return Pay(at, arena) ? from.at(at) : V();
  }

  static bool Pay(size_t passed, Arena& arena) {
    return passed < kPartsPerStep || arena.Steps(passed / kPartsPerStep);
  }

  const NodePtr from_;
  const bool from_root_;
  std::vector<PathPart> parts_;
};

class Literal final : public Node {
 public:
  explicit Literal(json::Document document)
      : Node({}), document_(std::move(document)), value_(document_.root()) {}

 private:
  Value Compute(const Value& /*current*/, Scope& /*scope*/) const override {
    return value_;
  }

  const json::Document document_;
  const Value value_;
};

class RawString final : public Node {
 public:
  explicit RawString(std::string text)
      : Node({}), text_(std::move(text)), value_(Value::String(text_)) {}

 private:
  Value Compute(const Value& /*current*/, Scope& /*scope*/) const override {
    return value_;
  }

  const std::string text_;
  const Value value_;
};

class Pipe final : public Node {
 public:
  Pipe(NodePtr left, NodePtr right)
      : Node({left.get(), right.get()}),
        left_(std::move(left)),
        right_(std::move(right)) {}

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    return right_->Evaluate(left_->Evaluate(current, scope), scope);
  }

  const NodePtr left_;
  const NodePtr right_;
};

// `||` ends at a true value, `&&` at a false one.
class Choice final : public Node {
 public:
  Choice(NodePtr left, NodePtr right, bool until)
      : Node({left.get(), right.get()}),
        left_(std::move(left)),
        right_(std::move(right)),
        until_(until) {}

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    const Value left = left_->Evaluate(current, scope);
    return left.truthy() == until_ ? left : right_->Evaluate(current, scope);
  }

  const NodePtr left_;
  const NodePtr right_;
  const bool until_;
};

class Not final : public Node {
 public:
  explicit Not(NodePtr operand)
      : Node({operand.get()}), operand_(std::move(operand)) {}

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    return Value::Bool(!operand_->Evaluate(current, scope).truthy());
  }

  const NodePtr operand_;
};

class Compare final : public Node {
 public:
  Compare(Comparison comparison, NodePtr left, NodePtr right)
      : Node({left.get(), right.get()}),
        comparison_(comparison),
        left_(std::move(left)),
        right_(std::move(right)) {}

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    const Value left = left_->Evaluate(current, scope);
    const Value right = right_->Evaluate(current, scope);
    switch (comparison_) {
      case Comparison::kEqual:
        return Value::Bool(Equal(left, right, scope.arena));
      case Comparison::kNotEqual:
        return Value::Bool(!Equal(left, right, scope.arena));
      default:
        return Order(left, right);
    }
  }

  // Only numbers have an order.
  Value Order(const Value& left, const Value& right) const {
    const std::optional<Number> a = NumberOf(left);
    const std::optional<Number> b = NumberOf(right);
    if (!a || !b) return Value();
    switch (comparison_) {
      case Comparison::kLess:
        return Value::Bool(*a < *b);
      case Comparison::kLessOrEqual:
        return Value::Bool(!(*b < *a));
      case Comparison::kGreater:
        return Value::Bool(*b < *a);
      default:
        return Value::Bool(!(*a < *b));
    }
  }

  const Comparison comparison_;
  const NodePtr left_;
  const NodePtr right_;
};

class List final : public Node {
 public:
  explicit List(std::vector<NodePtr> elements)
      : Node({}), elements_(std::move(elements)) {
    for (const NodePtr& element : elements_) AddDepthOf(element.get());
  }

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    if (current.null()) return Value();
    const size_t size = elements_.size();
    auto* const values =
        static_cast<Value*>(scope.arena.Allocate(size * sizeof(Value)));
    if (values == nullptr) return Value();
    for (size_t i = 0; i < size; ++i) {
      new (values + i) Value(elements_[i]->Evaluate(current, scope));
    }
    return Value::Array(absl::MakeConstSpan(values, size));
  }

  const std::vector<NodePtr> elements_;
};

class Hash final : public Node {
 public:
  explicit Hash(std::vector<std::pair<std::string, NodePtr>> members)
      : Node({}), members_(std::move(members)) {
    for (const auto& [key, value] : members_) AddDepthOf(value.get());
  }

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    if (current.null()) return Value();
    auto* const members = static_cast<Member*>(
        scope.arena.Allocate(members_.size() * sizeof(Member)));
    if (members == nullptr) return Value();
    Member* next = members;
    for (const auto& [key, value] : members_) {
      new (next++) Member{.key = key, .value = value->Evaluate(current, scope)};
    }
    return Value::Object(absl::MakeConstSpan(members, members_.size()));
  }

  const std::vector<std::pair<std::string, NodePtr>> members_;
};

}  // namespace

NodePtr MakePath(NodePtr from) {
  return std::make_unique<Path>(std::move(from), /*from_root=*/false);
}

NodePtr MakeRootPath() {
  return std::make_unique<Path>(nullptr, /*from_root=*/true);
}

NodePtr MakeLiteral(json::Document document) {
  return std::make_unique<Literal>(std::move(document));
}

NodePtr MakeString(std::string text) {
  return std::make_unique<RawString>(std::move(text));
}

NodePtr MakePipe(NodePtr left, NodePtr right) {
  return std::make_unique<Pipe>(std::move(left), std::move(right));
}

NodePtr MakeOr(NodePtr left, NodePtr right) {
  return std::make_unique<Choice>(std::move(left), std::move(right), true);
}

NodePtr MakeAnd(NodePtr left, NodePtr right) {
  return std::make_unique<Choice>(std::move(left), std::move(right), false);
}

NodePtr MakeNot(NodePtr operand) {
  return std::make_unique<Not>(std::move(operand));
}

NodePtr MakeComparison(Comparison comparison, NodePtr left, NodePtr right) {
  return std::make_unique<Compare>(comparison, std::move(left),
                                   std::move(right));
}

NodePtr MakeList(std::vector<NodePtr> elements) {
  return std::make_unique<List>(std::move(elements));
}

NodePtr MakeHash(std::vector<std::pair<std::string, NodePtr>> members) {
  return std::make_unique<Hash>(std::move(members));
}

}  // namespace enrich::expression
