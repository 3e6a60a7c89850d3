#include "expression/functions.h"

#include <memory>
#include <utility>

namespace enrich::expression {
namespace {

// Bytes of a string that are read for one step.
constexpr size_t kBytesPerStep = 256;

class CallNode final : public Node {
 public:
  CallNode(const Function& function, std::vector<NodePtr> arguments,
           NodePtr reference)
      : Node({reference.get()}),
        function_(function),
        arguments_(std::move(arguments)),
        reference_(std::move(reference)) {
    for (const NodePtr& argument : arguments_) AddDepthOf(argument.get());
  }

 private:
  // Most functions take no more arguments than this.
  static constexpr size_t kFew = 4;

  Value Compute(const Value& current, Scope& scope) const override {
    const size_t count = arguments_.size();
    Value few[kFew];
    Value* values = few;
    if (count > kFew) {
      void* const memory = scope.arena.Allocate(count * sizeof(Value));
      if (memory == nullptr) return Value();
      values = static_cast<Value*>(memory);
    }
    for (size_t i = 0; i < count; ++i) {
      new (values + i) Value(arguments_[i]->Evaluate(current, scope));
      const size_t bytes = values[i].AsString().size();
      if (!scope.arena.Steps(bytes / kBytesPerStep)) return Value();
    }
    return function_.evaluate({.arguments = absl::MakeConstSpan(values, count),
                               .reference = reference_.get(),
                               .scope = scope});
  }

  const Function& function_;
  const std::vector<NodePtr> arguments_;
  const NodePtr reference_;
};

class Lookup final : public Node {
 public:
  Lookup(Table table, NodePtr word)
      : Node({word.get()}),
        table_(std::move(table)),
        for_null_(Find("", Value())),
        for_others_(Find("*", Value())),
        word_(std::move(word)) {}

 private:
  Value Find(absl::string_view word, const Value& otherwise) const {
    const auto meaning = table_.find(word);
    return meaning == table_.end() ? otherwise : Value::String(meaning->second);
  }

  Value Compute(const Value& current, Scope& scope) const override {
    const Value word = word_->Evaluate(current, scope);
    switch (word.type()) {
      case Type::kNull:
        return for_null_;
      case Type::kBool:
        return Find(word.truthy() ? "true" : "false", for_others_);
      case Type::kNumber:
      case Type::kString:
        return Find(word.AsText(scope.arena), for_others_);
      case Type::kArray:
      case Type::kObject:
        break;
    }
    return Value();
  }

  const Table table_;
  const Value for_null_;
  const Value for_others_;
  const NodePtr word_;
};

}  // namespace

const Function* FindFunction(absl::string_view name) {
  for (const absl::Span<const Function> functions :
       {ArrayFunctions(), ContactFunctions(), NumberFunctions(),
        ObjectFunctions(), OrderFunctions(), TextFunctions()}) {
    for (const Function& function : functions) {
      if (function.name == name) return &function;
    }
  }
  return nullptr;
}

NodePtr MakeCall(const Function& function, std::vector<NodePtr> arguments,
                 NodePtr reference) {
  return std::make_unique<CallNode>(function, std::move(arguments),
                                    std::move(reference));
}

NodePtr MakeLookup(Table table, NodePtr word) {
  return std::make_unique<Lookup>(std::move(table), std::move(word));
}

}  // namespace enrich::expression
