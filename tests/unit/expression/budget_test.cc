#include <gmock/gmock.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "unit/expression/expressions.h"

namespace enrich::expression {
namespace {

// An array of so many numbers.
std::string Numbers(int count) {
  std::string text = "[0";
  for (int i = 1; i < count; ++i) absl::StrAppend(&text, ",", i);
  return text + "]";
}

TEST(Budget, EndsAnEvaluationWithNull) {
  const std::string numbers = Numbers(1000);
  const Budget few_steps = {.steps = 500};
  for (const absl::string_view expression : {"[*]",
                                             "[?@ > `5`]",
                                             "[]",
                                             "[::2]",
                                             "[::-1]",
                                             "[*].[@]",
                                             "sort(@)",
                                             "sort_by(@, &@)",
                                             "max(@)",
                                             "sum(@)",
                                             "map(&@, @)",
                                             "reverse(@)",
                                             "contains(@, `-1`)",
                                             "compact(@)",
                                             "concat(@)",
                                             "@ == @",
                                             "[*] || `1`",
                                             "!([*])",
                                             "[[*], `1`][1]",
                                             "sort_desc(@, &@)",
                                             "min_by(@, &@)"}) {
    EXPECT_EQ(Eval(expression, numbers, few_steps), "exhausted null")
        << expression;
    EXPECT_THAT(Eval(expression, numbers),
                testing::Not(testing::HasSubstr("exhausted")))
        << expression;
  }
}

TEST(Budget, BoundsTheMemoryOfComputedValues) {
  const std::string numbers = Numbers(1000);
  const Budget few_bytes = {.bytes = 2000};
  for (const absl::string_view expression :
       {"[*]", "[]", "[::2]", "sort(@)", "[*].{a: @}", "to_string(@)",
        "map(&@, @)", "reverse(@)", "[?@ > `0`]", "concat(@, @)",
        "map(&to_text(abs(@)), @)"}) {
    EXPECT_EQ(Eval(expression, numbers, few_bytes), "exhausted null")
        << expression;
  }
  EXPECT_EQ(Eval("[1]", numbers, few_bytes), "1");
  EXPECT_EQ(Eval("[:3]", "[1,2,3]", few_bytes), "[1,2,3]");
}

TEST(Budget, BoundsTexts) {
  const std::string document =
      absl::StrCat("{\"t\":\"", std::string(100'000, 'a'), "\"}");
  const Budget few_bytes = {.bytes = 200'000};
  for (const absl::string_view expression :
       {"concat(t, t, t)", "join(t, ['', '', '', ''])",
        "replace(t, 'a', 'bbb')", "[upper(t), lower(t), upper(t)]",
        "split(t, 'a')", "[reverse(t), reverse(t), reverse(t)]",
        "to_string([t, t, t])"}) {
    EXPECT_EQ(Eval(expression, document, few_bytes), "exhausted null")
        << expression;
  }
  const Budget few_steps = {.steps = 1000};
  for (const absl::string_view expression :
       {"contains(t, t)", "split(t, t)", "replace(t, t, 'x')", "strip(t, t)",
        "[length(t), length(t), length(t), length(t)]"}) {
    EXPECT_EQ(Eval(expression, document, few_steps), "exhausted null")
        << expression;
  }
}

TEST(Budget, ChargesForMembersThatAreSearched) {
  std::string object = "{\"k\":0";
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&object, ",\"k", i, "\":0");
  const std::string document =
      absl::StrCat("{\"o\":", object, "},\"n\":", Numbers(100), "}");
  const Budget budget = {.steps = 5'000};
  EXPECT_EQ(Eval("n[*].[$.o.x]", document, budget), "exhausted null");
  EXPECT_EQ(Eval("o == o", document, budget), "exhausted null");
  EXPECT_EQ(Eval("o.k9", document, budget), "0");
}

TEST(Budget, BoundsTheTextOfValuesThatShareParts) {
  const absl::StatusOr<json::Document> document =
      json::Document::Parse("\"text\"");
  ASSERT_THAT(document, IsOk());
  std::string text = "[@,@]";
  for (int i = 1; i < 30; ++i) absl::StrAppend(&text, "|[@,@]");
  const absl::StatusOr<Expression> expression = Expression::Compile(text, {});
  ASSERT_THAT(expression, IsOk());
  const Value root(document->root());
  Arena arena({.steps = 1000});
  const Value value = expression->Evaluate(root, root, arena);
  EXPECT_FALSE(arena.exhausted());
  json::Writer out;
  EXPECT_FALSE(value.WriteWithin(arena, out));
  EXPECT_TRUE(arena.exhausted());
  EXPECT_THAT(json::Document::Parse(out.Take()), IsOk());
}

TEST(Budget, IsSharedByEvaluations) {
  const absl::StatusOr<Expression> expression = Expression::Compile("a", {});
  ASSERT_THAT(expression, IsOk());
  Arena arena({.steps = 2});
  expression->Evaluate(Value(), Value(), arena);
  expression->Evaluate(Value(), Value(), arena);
  EXPECT_FALSE(arena.exhausted());
  expression->Evaluate(Value(), Value(), arena);
  EXPECT_TRUE(arena.exhausted());
}

TEST(Arena, AlignsWhatItAllocates) {
  Arena arena;
  for (size_t size = 1; size < 3'000; size += 7) {
    EXPECT_EQ(arena.Copy("x"), "x");
    void* const memory = arena.Allocate(size);
    ASSERT_NE(memory, nullptr);
    std::memset(memory, 0, size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % alignof(std::max_align_t),
              0u);
  }
}

TEST(Arena, RefusesMoreThanItsBudget) {
  Arena arena({.bytes = 10});
  EXPECT_EQ(arena.Copy("0123456789"), "0123456789");
  EXPECT_FALSE(arena.exhausted());
  EXPECT_EQ(arena.Copy("x"), "");
  EXPECT_TRUE(arena.exhausted());
  EXPECT_FALSE(arena.Step());
}

}  // namespace
}  // namespace enrich::expression
