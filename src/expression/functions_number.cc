#include <cmath>
#include <optional>

#include "expression/functions.h"

namespace enrich::expression {
namespace {

Value Abs(const Call& call) {
  const std::optional<double> number = call[0].AsDouble();
  if (!number) return Value();
  if (*number >= 0) return call[0];
  int64_t positive = 0;
  const std::optional<int64_t> whole = call[0].AsInt();
  if (whole && !__builtin_sub_overflow(0, *whole, &positive)) {
    return Value::Int(positive);
  }
  return Value::Double(-*number);
}

Value Rounded(const Call& call, double (*round)(double)) {
  const std::optional<double> number = call[0].AsDouble();
  if (!number) return Value();
  return call[0].AsInt() ? call[0] : Value::Double(round(*number));
}

Value Ceil(const Call& call) {
  return Rounded(call, [](double number) { return std::ceil(number); });
}

Value Floor(const Call& call) {
  return Rounded(call, [](double number) { return std::floor(number); });
}

// Adds numbers, exactly as long as it can.
class Total {
 public:
  void Add(const Value& value) {
    const std::optional<double> number = value.AsDouble();
    all_numbers_ = all_numbers_ && number.has_value();
    if (!all_numbers_) return;
    sum_ += *number;
    const std::optional<int64_t> whole = value.AsInt();
    exact_ =
        exact_ && whole && !__builtin_add_overflow(whole_, *whole, &whole_);
  }

  bool all_numbers() const { return all_numbers_; }
  double sum() const { return exact_ ? static_cast<double>(whole_) : sum_; }
  Value Take() const {
    return exact_ ? Value::Int(whole_) : Value::Double(sum_);
  }

 private:
  bool all_numbers_ = true;
  bool exact_ = true;
  int64_t whole_ = 0;
  double sum_ = 0;
};

// Of an array of numbers only.
std::optional<Total> TotalOf(const Call& call) {
  if (call[0].type() != Type::kArray || !call.arena().Steps(call[0].size())) {
    return std::nullopt;
  }
  Total total;
  call[0].ForEachElement([&](const Value& element) { total.Add(element); });
  return total.all_numbers() ? std::make_optional(total) : std::nullopt;
}

Value Sum(const Call& call) {
  const std::optional<Total> total = TotalOf(call);
  return total ? total->Take() : Value();
}

Value Avg(const Call& call) {
  const std::optional<Total> total = TotalOf(call);
  if (!total || call[0].size() == 0) return Value();
  return Value::Double(total->sum() / static_cast<double>(call[0].size()));
}

Value ToNumber(const Call& call) {
  if (call[0].type() == Type::kNumber) return call[0];
  const absl::string_view text = call[0].AsString();
  if (!json::IsNumber(text) || !json::ParseDouble(text)) return Value();
  return Value::Number(text);
}

constexpr Function kFunctions[] = {
    {"abs", 1, 1, Abs},     {"avg", 1, 1, Avg}, {"ceil", 1, 1, Ceil},
    {"floor", 1, 1, Floor}, {"sum", 1, 1, Sum}, {"to_number", 1, 1, ToNumber},
};

}  // namespace

absl::Span<const Function> NumberFunctions() { return kFunctions; }

}  // namespace enrich::expression
