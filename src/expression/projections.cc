#include <algorithm>
#include <memory>
#include <utility>

#include "expression/array_builder.h"
#include "expression/node.h"

namespace enrich::expression {
namespace {

// A filter seldom keeps everything.
constexpr size_t kFilterKeeps = 8;

// The parts of a value that a projection has passed, put through its right
// hand side.
class Results {
 public:
  Results(const Node* right, size_t expected, Scope& scope)
      : right_(right), scope_(scope), values_(scope.arena, expected) {}

  void Add(const Value& part) {
    const Value value = Right(part);
    if (!value.null()) values_.Add(value);
  }

  Value Take() const { return values_.Take(); }

 private:
  Value Right(const Value& part) {
    if (right_ != nullptr) return right_->Evaluate(part, scope_);
    return scope_.arena.Step() ? part : Value();
  }

  const Node* const right_;
  Scope& scope_;
  ArrayBuilder values_;
};

class Projection : public Node {
 public:
  Projection(NodePtr from, NodePtr condition, NodePtr right)
      : Node({from.get(), condition.get(), right.get()}),
        from_(std::move(from)),
        condition_(std::move(condition)),
        right_(std::move(right)) {}

 protected:
  Value From(const Value& current, Scope& scope) const {
    return from_ ? from_->Evaluate(current, scope) : current;
  }
  const Node& condition() const { return *condition_; }
  const Node* right() const { return right_.get(); }

 private:
  const NodePtr from_;
  const NodePtr condition_;
  const NodePtr right_;
};

class ListProjection final : public Projection {
 public:
  ListProjection(NodePtr from, NodePtr right)
      : Projection(std::move(from), nullptr, std::move(right)) {}

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    const Value from = From(current, scope);
    if (from.type() != Type::kArray) return Value();
    Results results(right(), from.size(), scope);
    from.ForEachElement([&](const Value& element) { results.Add(element); });
    return results.Take();
  }
};

class Flatten final : public Projection {
 public:
  Flatten(NodePtr from, NodePtr right)
      : Projection(std::move(from), nullptr, std::move(right)) {}

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    const Value from = From(current, scope);
    if (from.type() != Type::kArray) return Value();
    Results results(right(), from.size(), scope);
    from.ForEachElement([&](const Value& element) {
      if (element.type() != Type::kArray) return results.Add(element);
      if (!scope.arena.Step()) return;
      element.ForEachElement([&](const Value& inner) { results.Add(inner); });
    });
    return results.Take();
  }
};

class ObjectProjection final : public Projection {
 public:
  ObjectProjection(NodePtr from, NodePtr right)
      : Projection(std::move(from), nullptr, std::move(right)) {}

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    const Value from = From(current, scope);
    if (from.type() != Type::kObject) return Value();
    Results results(right(), from.size(), scope);
    from.ForEachMember([&](absl::string_view /*key*/, const Value& value) {
      results.Add(value);
    });
    return results.Take();
  }
};

class Filter final : public Projection {
 public:
  Filter(NodePtr from, NodePtr condition, NodePtr right)
      : Projection(std::move(from), std::move(condition), std::move(right)) {}

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    const Value from = From(current, scope);
    if (from.type() != Type::kArray) return Value();
    Results results(right(), std::min(from.size(), kFilterKeeps), scope);
    from.ForEachElement([&](const Value& element) {
      if (condition().Evaluate(element, scope).truthy()) results.Add(element);
    });
    return results.Take();
  }
};

class SliceProjection final : public Projection {
 public:
  SliceProjection(NodePtr from, const Slice& slice, NodePtr right)
      : Projection(std::move(from), nullptr, std::move(right)), slice_(slice) {}

 private:
  Value Compute(const Value& current, Scope& scope) const override {
    const Value from = From(current, scope);
    if (from.type() != Type::kArray) return Value();
    ArrayBuilder elements(scope.arena, from.size());
    from.ForEachElement([&](const Value& element) {
      if (scope.arena.Step()) elements.Add(element);
    });
    if (scope.arena.exhausted()) return Value();
    return Select(elements.values(), scope);
  }

  Value Select(absl::Span<const Value> elements, Scope& scope) const {
    const auto size = static_cast<int64_t>(elements.size());
    const int64_t step = slice_.step;
    // Where a walk in the direction of `step` begins and ends.
    const int64_t first = step > 0 ? 0 : size - 1;
    const int64_t last = step > 0 ? size : -1;
    int64_t at = Bound(slice_.start, first, size);
    const int64_t stop = Bound(slice_.stop, last, size);
    Results results(right(), 0, scope);
    while (step > 0 ? at < stop : at > stop) {
      results.Add(elements[static_cast<size_t>(at)]);
      // A step may be as large as a number can be.
      if (step > 0 ? stop - at <= step : stop - at >= step) break;
      at += step;
    }
    return results.Take();
  }

  // A given bound within what a walk can reach.
  int64_t Bound(std::optional<int64_t> given, int64_t otherwise,
                int64_t size) const {
    if (!given) return otherwise;
    const int64_t at = *given < 0 ? *given + size : *given;
    return slice_.step > 0 ? std::clamp<int64_t>(at, 0, size)
                           : std::clamp<int64_t>(at, -1, size - 1);
  }

  const Slice slice_;
};

}  // namespace

NodePtr MakeListProjection(NodePtr from, NodePtr right) {
  return std::make_unique<ListProjection>(std::move(from), std::move(right));
}

NodePtr MakeFlatten(NodePtr from, NodePtr right) {
  return std::make_unique<Flatten>(std::move(from), std::move(right));
}

NodePtr MakeObjectProjection(NodePtr from, NodePtr right) {
  return std::make_unique<ObjectProjection>(std::move(from), std::move(right));
}

NodePtr MakeFilter(NodePtr from, NodePtr condition, NodePtr right) {
  return std::make_unique<Filter>(std::move(from), std::move(condition),
                                  std::move(right));
}

NodePtr MakeSlice(NodePtr from, const Slice& slice, NodePtr right) {
  return std::make_unique<SliceProjection>(std::move(from), slice,
                                           std::move(right));
}

}  // namespace enrich::expression
