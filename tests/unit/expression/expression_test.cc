#include "expression/expression.h"

#include <gmock/gmock.h>

#include <utility>

#include "unit/expression/expressions.h"

namespace enrich::expression {
namespace {

struct Case {
  const char* expression;
  const char* value;
};

constexpr absl::string_view kPeople = R"({
  "people": [
    {"name": "ada", "age": 36, "mails": [{"a": "1", "ok": true}, {"a": "2"}]},
    {"name": "bob", "age": 17, "mails": []},
    {"name": "cy", "mails": null, "tags": [["x"], "y", ["z"]]}
  ],
  "by id": {"p1": {"score": 3}, "p2": {"score": null}, "p3": {"score": 5}},
  "deep": {"er": {"still": [0, 1, 2, 3, 4]}},
  "id": 7729515760484695123,
  "none": null, "no": false, "zero": 0, "text": "", "list": [], "hash": {}
})";

TEST(Expression, EvaluatesTheGrammar) {
  const Case cases[] = {
      {"id", "7729515760484695123"},
      {"deep.er.still[1]", "1"},
      {"deep.er.still[-1]", "4"},
      {"deep.er.still[5]", "null"},
      {"deep.er.still[-6]", "null"},
      {"deep.nothing.still", "null"},
      {"people.name", "null"},
      {R"("by id".p1.score)", "3"},
      {R"("by id".*.score)", "[3,5]"},
      {"people[*].name", R"(["ada","bob","cy"])"},
      {"people[*].age", "[36,17]"},
      {"people[].mails[].a", R"(["1","2"])"},
      {"people[*].mails[*].a", R"([["1","2"],[]])"},
      {"people[2].tags[]", R"(["x","y","z"])"},
      {"people[?age > `18`].name", R"(["ada"])"},
      {"people[?name == 'bob'] | [0].age", "17"},
      {"people[*].mails[?ok].a | []", R"(["1"])"},
      {"people[:2].name", R"(["ada","bob"])"},
      {"deep.er.still[1:4]", "[1,2,3]"},
      {"deep.er.still[::2]", "[0,2,4]"},
      {"deep.er.still[::-2]", "[4,2,0]"},
      {"deep.er.still[-2:]", "[3,4]"},
      {"deep.er.still[9:0:-3]", "[4,1]"},
      {"deep.er.still[0:5:9223372036854775807]", "[0]"},
      {"deep.er.still[::-9223372036854775807]", "[4]"},
      {"people[0].[name, age, none]", R"(["ada",36,null])"},
      {"people[0].{n: name, \"a b\": age}", R"({"n":"ada","a b":36})"},
      {"none.{n: name}", "null"},
      {"`{\"a\": [1, 2.50]}`.a", "[1,2.50]"},
      {"'it\\'s'", R"("it's")"},
      {"@.zero", "0"},
      {"people[*].[name, $.zero]", R"([["ada",0],["bob",0],["cy",0]])"},
      {"$", R"({"people")"},
      {"none || no || text || list || hash || zero", "0"},
      {"zero && text", R"("")"},
      {"text && zero", R"("")"},
      {"!none && !no && !text && !list && !hash", "true"},
      {"!zero", "false"},
      {"(none || deep).er.still[0]", "0"},
      {"deep | er | still | [2]", "2"},
      {"people[0].mails | length(@)", "2"},
      {"people[*].length(name)", "[3,3,2]"},
  };
  for (const auto& [expression, value] : cases) {
    EXPECT_THAT(Eval(expression, kPeople), testing::StartsWith(value))
        << expression;
  }
}

TEST(Expression, NegatesAWholePath) {
  EXPECT_EQ(Eval("!a.b", R"({"a":{"b":1}})"), "false");
  EXPECT_EQ(Eval("!a.b && c", R"({"a":{"b":""},"c":2})"), "2");
  EXPECT_EQ(Eval("!a[?b]", R"({"a":[{"b":0}]})"), "false");
  EXPECT_EQ(Eval("!a == b", R"({"a":1,"b":false})"), "true");
}

TEST(Expression, ComparesAnythingForEqualityAndNumbersByOrder) {
  const Case cases[] = {
      {"`1` == `1.0`", "true"},
      {"`1` == '1'", "false"},
      {"`[1, {\"a\": null}]` == `[1.0, {\"a\": null}]`", "true"},
      {"`{\"a\": 1, \"b\": 2}` == `{\"b\": 2, \"a\": 1}`", "true"},
      {"`{\"a\": null}` == `{\"b\": null}`", "false"},
      {"`[1, 2]` == `[1]`", "false"},
      {"`{}` == `[]`", "false"},
      {"[`1`, {a: 'x'}] == `[1, {\"a\": \"x\"}]`", "true"},
      {"`[1, {\"a\": \"x\"}]` == [`1`, {a: 'x'}]", "true"},
      {"`true` != `false`", "true"},
      {"`2` > `1.5`", "true"},
      {"`2` >= `2`", "true"},
      {"`2` < `2`", "false"},
      {"`2` <= `2.0`", "true"},
      {"'a' < 'b'", "null"},
      {"`1` < 'b'", "null"},
      {"`null` >= `null`", "null"},
  };
  for (const auto& [expression, value] : cases) {
    EXPECT_EQ(Eval(expression, "{}"), value) << expression;
  }
}

TEST(Expression, KeepsNumbersExact) {
  constexpr absl::string_view kIds = R"({
    "a": 9007199254740993, "b": 9007199254740992, "c": 9007199254740992.0,
    "big": 18446744073709551616, "e": 1e2, "list": [3, 1.10]})";
  const Case cases[] = {
      {"a == b", "false"},
      {"a > b", "true"},
      {"a > c", "true"},
      {"b == c", "true"},
      {"e == `100`", "true"},
      {"big", "18446744073709551616"},
      {"to_text(big)", R"("18446744073709551616")"},
      {"list[*]", "[3,1.10]"},
      {"[sum(list), abs(a), floor(a)]",
       "[4.1,9007199254740993,9007199254740993]"},
      {"sum([a, `-1`])", "9007199254740992"},
      {"to_number('9007199254740993')", "9007199254740993"},
      {"to_number('1.50')", "1.50"},
      {"to_number('1e400')", "null"},
  };
  for (const auto& [expression, value] : cases) {
    EXPECT_EQ(Eval(expression, kIds), value) << expression;
  }
}

TEST(Expression, TellsTheColumnOfAnError) {
  const Case cases[] = {
      {"", "column 1: the expression ends early"},
      {"a.", "column 3: the expression ends early"},
      {"a b", "column 3: this cannot stand here"},
      {"a.1", "column 3: this cannot stand here"},
      {"'é' #", "column 5: not a character of an expression"},
      {"a = b", "column 3: not a character of an expression"},
      {"a == 'b", "column 6: no closing '"},
      {"a.\"\\x\"", "column 3: not a quoted name as JSON has strings"},
      {"`{`",
       "column 1: the literal is malformed JSON at offset 1: "
       "Missing a name for object member."},
      {"a[0", "column 4: expected ']' or ':'"},
      {"a[1:2:0]", "column 7: a slice cannot step by 0"},
      {"a[99999999999999999999]", "column 3: this number is too large"},
      {"a[-]", "column 3: '-' without a number"},
      {"{a: b, a: c}", "column 8: the key is repeated"},
      {"{`1`: b}", "column 2: expected a key"},
      {"{a b}", "column 4: expected ':'"},
      {"(a", "column 3: expected ')'"},
      {"a[?b", "column 5: expected ']'"},
      {"x.nope(a)", "column 3: no function is called nope"},
      {"abs()", "column 1: abs takes 1 argument, not 0"},
      {"abs(a, b)", "column 1: abs takes 1 argument, not 2"},
      {"join(a)", "column 1: join takes 2 arguments, not 1"},
      {"merge()", "column 1: merge takes at least 1 argument, not 0"},
      {"abs(a b)", "column 7: expected ',' or ')'"},
      {"sort_by(a, b)",
       "column 12: this argument must be an expression: put '&' before it"},
      {"abs(&a)", "column 5: this argument is a value: no '&' before it"},
      {"&a",
       "column 1: '&' only stands before an argument of a function that takes "
       "an expression"},
      {"lookup(a, b)",
       "column 8: expected the name of a table in single quotes"},
      {"lookup('x', b)", "column 8: no table is called x"},
      {"lookup('grade')", "column 15: expected ',' and the word to look up"},
      {"lookup('grade', a, b)", "column 18: expected ')'"},
      {"a\xFF", "column 2: no UTF-8"},
  };
  for (const auto& [expression, error] : cases) {
    EXPECT_EQ(CompileError(expression), error) << expression;
  }
}

TEST(Expression, RefusesWhatIsTooDeepOrTooLong) {
  const auto repeated = [](absl::string_view text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) absl::StrAppend(&result, text);
    return result;
  };
  const absl::string_view kUnit[] = {"[",   "(",    "!",      "a.[",  "[*].[",
                                     "[*]", "[?a]", "a||",    "a|",   "[0]",
                                     "*.",  "abs(", "{a: b.", "a[?b", "[]."};
  for (const absl::string_view unit : kUnit) {
    EXPECT_THAT(CompileError(absl::StrCat("a", repeated(unit, 200), "a")),
                testing::HasSubstr("column"))
        << unit;
  }
  EXPECT_THAT(CompileError(absl::StrCat(repeated("a || ", 200), "a")),
              testing::HasSubstr("over 64 parts inside each other"));
  EXPECT_THAT(CompileError(absl::StrCat(repeated("(", 200), "a")),
              testing::HasSubstr("over 64 parts inside each other"));
  // A path is one part, however long.
  EXPECT_EQ(CompileError(absl::StrCat("a", repeated(".a[0]", 1000))),
            "compiles");
  EXPECT_EQ(CompileError(absl::StrCat("a", repeated(".a", 10000))),
            "column 1: over 16384 bytes");
}

TEST(Expression, KeepsItsText) {
  std::string text = "a.b";
  absl::StatusOr<Expression> compiled = Expression::Compile(text, {});
  ASSERT_THAT(compiled, IsOk());
  text.assign("xxx");
  const Expression expression = *std::move(compiled);
  EXPECT_EQ(expression.text(), "a.b");
}

TEST(Expression, TakesComputedValues) {
  const absl::StatusOr<json::Document> document =
      json::Document::Parse(R"({"x":{"y":[1]}})");
  ASSERT_THAT(document, IsOk());
  const Member members[] = {
      {.key = "items", .value = Value(document->root()["x"])},
      {.key = "n", .value = Value::Int(3)}};
  const Value root = Value::Object(members);
  const absl::StatusOr<Expression> expression =
      Expression::Compile("[items.y[0], n, @.n == $.n, keys(@)]", {});
  ASSERT_THAT(expression, IsOk());
  Arena arena;
  json::Writer out;
  expression->Evaluate(root, root, arena).WriteTo(out);
  EXPECT_EQ(out.Take(), R"([1,3,true,["items","n"]])");
}

}  // namespace
}  // namespace enrich::expression
