#include "expression/value.h"

#include <gmock/gmock.h>

#include <limits>
#include <string>
#include <vector>

#include "support/status_matchers.h"

namespace enrich::expression {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::string ToJson(const Value& value) {
  json::Writer out;
  value.WriteTo(out);
  return out.Take();
}

TEST(Value, AnswersForEachType) {
  const Member members[] = {{.key = "k", .value = Value::Int(1)}};
  const Value elements[] = {Value(), Value::Bool(true)};
  EXPECT_EQ(Value().type(), Type::kNull);
  EXPECT_EQ(Value(json::Value()).type(), Type::kNull);
  EXPECT_EQ(Value::Bool(true).AsBool(), true);
  EXPECT_EQ(Value::Int(-4).AsInt(), -4);
  EXPECT_EQ(Value::Int(-4).AsDouble(), -4.0);
  EXPECT_EQ(Value::Double(0.5).AsDouble(), 0.5);
  EXPECT_EQ(Value::Double(0.5).AsInt(), std::nullopt);
  EXPECT_EQ(Value::String("x").AsString(), "x");
  EXPECT_EQ(Value::String("x").size(), 0u);
  EXPECT_EQ(Value::Array(elements).size(), 2u);
  EXPECT_EQ(Value::Array(elements).at(1).AsBool(), true);
  EXPECT_TRUE(Value::Array(elements).at(2).null());
  EXPECT_EQ(Value::Object(members)["k"].AsInt(), 1);
  EXPECT_TRUE(Value::Object(members)["x"].null());
  EXPECT_TRUE(Value::Object(members).Find("k").has_value());
  EXPECT_FALSE(Value::Object(members).Find("x").has_value());
}

TEST(Value, AnswersNothingForAnotherType) {
  Arena arena;
  for (const Value& value : {Value(), Value::Bool(true), Value::Array({})}) {
    EXPECT_EQ(value.AsString(), "");
    EXPECT_EQ(value.AsText(arena), "");
    EXPECT_EQ(value.AsInt(), std::nullopt);
    EXPECT_EQ(value.AsDouble(), std::nullopt);
    EXPECT_EQ(value.size(), 0u);
    EXPECT_TRUE(value["k"].null());
    EXPECT_TRUE(value.at(0).null());
    value.ForEachMember([](absl::string_view, const Value&) { FAIL(); });
  }
  Value().ForEachElement([](const Value&) { FAIL(); });
  EXPECT_EQ(Value::Int(1).AsBool(), std::nullopt);
}

TEST(Value, SpellsNumbers) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Arena arena;
  EXPECT_EQ(Value::Int(std::numeric_limits<int64_t>::min()).AsText(arena),
            "-9223372036854775808");
  EXPECT_EQ(Value::Double(3.0).AsText(arena), "3");
  EXPECT_EQ(Value::Double(3.0).AsInt(), 3);
  EXPECT_EQ(Value::Double(0.1).AsText(arena), "0.1");
  EXPECT_EQ(ToJson(Value::Double(1e300)), "1e+300");
  EXPECT_EQ(ToJson(Value::Double(kInfinity)), "null");
  EXPECT_EQ(Value::Number("1.50").AsText(arena), "1.50");
  EXPECT_EQ(Value::Number("1.50").AsDouble(), 1.5);
  EXPECT_EQ(ToJson(Value::Number("12345678901234567890")),
            "12345678901234567890");
}

TEST(Value, ViewsADocument) {
  const absl::StatusOr<json::Document> document = json::Document::Parse(
      R"({"a":[1,"x"],"b":null,"id":12345678901234567890})");
  ASSERT_THAT(document, IsOk());
  const Value root(document->root());
  Arena arena;
  EXPECT_EQ(root["a"].at(1).AsString(), "x");
  EXPECT_EQ(root["id"].AsText(arena), "12345678901234567890");
  EXPECT_TRUE(root.Find("b").has_value());
  EXPECT_FALSE(root.Find("c").has_value());
  EXPECT_TRUE(root["c"].null());
  EXPECT_FALSE(root.document().missing());
  EXPECT_TRUE(Value::Int(1).document().missing());
  std::vector<std::pair<std::string, std::string>> members;
  root.ForEachMember([&](absl::string_view key, const Value& value) {
    members.emplace_back(std::string(key), ToJson(value));
  });
  EXPECT_THAT(members, ElementsAre(Pair("a", R"([1,"x"])"), Pair("b", "null"),
                                   Pair("id", "12345678901234567890")));
}

TEST(Value, IsTrueUnlessEmpty) {
  const Member members[] = {{.key = "k", .value = Value()}};
  const Value elements[] = {Value()};
  for (const Value& value :
       {Value::Bool(true), Value::Int(0), Value::String(" "),
        Value::Array(elements), Value::Object(members)}) {
    EXPECT_TRUE(value.truthy()) << ToJson(value);
  }
  for (const Value& value : {Value(), Value::Bool(false), Value::String(""),
                             Value::Array({}), Value::Object({})}) {
    EXPECT_FALSE(value.truthy()) << ToJson(value);
  }
}

TEST(Value, CopiesPartsIntoTheArena) {
  Arena arena;
  Value array;
  Value object;
  {
    const std::vector<Value> elements = {Value::Int(1), Value::String("x")};
    array = Value::ArrayIn(arena, elements);
    const std::vector<Member> members = {{.key = "k", .value = array}};
    object = Value::ObjectIn(arena, members);
  }
  EXPECT_EQ(ToJson(object), R"({"k":[1,"x"]})");
  Arena empty({.bytes = 0});
  EXPECT_TRUE(Value::ArrayIn(empty, {Value::Int(1)}).null());
  EXPECT_TRUE(empty.exhausted());
}

}  // namespace
}  // namespace enrich::expression
