#include "expression/functions.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "unit/expression/expressions.h"

namespace enrich::expression {
namespace {

struct Case {
  const char* expression;
  const char* value;
};

void ExpectValues(absl::string_view document, const std::vector<Case>& cases) {
  for (const auto& [expression, value] : cases) {
    EXPECT_EQ(Eval(expression, document), value) << expression;
  }
}

constexpr absl::string_view kDocument = R"({
  "n": [3, -1, 2.5], "w": ["pear", "fig"], "mixed": [1, "a"], "empty": [],
  "nulls": [1, null, "a"], "o": {"a": 1, "b": null}, "s": "a-b-c", "neg": -7,
  "half": -2.5, "min": -9223372036854775808, "yes": true,
  "people": [{"n": "x", "age": 3}, {"n": "y", "age": 9}, {"n": "z", "age": 3}],
  "some": [{"n": "x", "c": 1}, {"n": "y"}, {"n": "z", "c": 5}, {"n": "u"}]
})";

TEST(Functions, ComputeWithNumbers) {
  ExpectValues(kDocument, {
                              {"abs(neg)", "7"},
                              {"abs(half)", "2.5"},
                              {"abs(min)", "9223372036854775808"},
                              {"abs(n[0])", "3"},
                              {"ceil(half)", "-2"},
                              {"ceil(neg)", "-7"},
                              {"floor(half)", "-3"},
                              {"sum(n)", "4.5"},
                              {"sum(empty)", "0"},
                              {"sum([neg, min])", "-9223372036854775808"},
                              {"avg(n)", "1.5"},
                              {"avg(empty)", "null"},
                              {"to_number('-0.5e3')", "-0.5e3"},
                              {"to_number(neg)", "-7"},
                              {"to_number('07')", "null"},
                              {"to_number('1.')", "null"},
                              {"to_number('1e')", "null"},
                              {"to_number('0x1')", "null"},
                              {"to_number(' 1')", "null"},
                              {"to_number('inf')", "null"},
                              {"to_number('')", "null"},
                          });
}

TEST(Functions, OrderElements) {
  ExpectValues(
      kDocument,
      {
          {"max(n)", "3"},
          {"min(n)", "-1"},
          {"max(w)", R"("pear")"},
          {"min(w)", R"("fig")"},
          {"max(empty)", "null"},
          {"max(mixed)", "null"},
          {"min(nulls)", "null"},
          {"sort(n)", "[-1,2.5,3]"},
          {"sort(w)", R"(["fig","pear"])"},
          {"sort(empty)", "[]"},
          {"sort(mixed)", "null"},
          {"sort_by(people, &age)[*].n", R"(["x","z","y"])"},
          {"sort_by(people, &n)[2].n", R"("z")"},
          {"sort_by(some, &c)", "null"},
          {"sort_desc(people, &age)[*].n", R"(["y","x","z"])"},
          {"sort_desc(some, &c)[*].n", R"(["z","x","y","u"])"},
          {"sort_desc(mixed, &@)", "null"},
          {"sort_desc(people, &@)", "null"},
          {"max_by(people, &age).n", R"("y")"},
          {"min_by(people, &age).n", R"("x")"},
          {"max_by(people, &n).age", "3"},
          {"max_by(some, &c)", "null"},
          {"max_by(empty, &c)", "null"},
          {"min_by(people, &(age == `3`))", "null"},
          {"reverse(n)", "[2.5,-1,3]"},
          {"sort(`[9007199254740993, 9007199254740992.0, 9007199254740992]`)",
           "[9007199254740992.0,9007199254740992,9007199254740993]"},
      });
}

TEST(Functions, RearrangeArraysAndObjects) {
  ExpectValues(
      kDocument,
      {
          {"as_list(nothing)", "[]"},
          {"as_list(empty)", "[]"},
          {"as_list(s)", R"(["a-b-c"])"},
          {"to_array(nothing)", "[null]"},
          {"to_array(n)", "[3,-1,2.5]"},
          {"compact(nulls)", R"([1,"a"])"},
          {"concat(n, w)", R"([3,-1,2.5,"pear","fig"])"},
          {"concat(empty)", "[]"},
          {"concat(s, '!', '')", R"("a-b-c!")"},
          {"concat(s, n)", "null"},
          {"concat(s, nothing)", "null"},
          {"contains(w, 'fig')", "true"},
          {"contains(n, `3.0`)", "true"},
          {"contains(n, '3')", "false"},
          {"contains(s, 'b-')", "true"},
          {"contains(s, 'x')", "false"},
          {"contains(s, `1`)", "null"},
          {"entries(o)", R"([{"key":"a","value":1},{"key":"b","value":null}])"},
          {"join('/', w)", R"("pear/fig")"},
          {"join('/', empty)", R"("")"},
          {"join('', w)", R"("pearfig")"},
          {"join('/', mixed)", "null"},
          {"keys(o)", R"(["a","b"])"},
          {"values(o)", "[1,null]"},
          {"length(w)", "2"},
          {"length(o)", "2"},
          {"length('é😀x')", "3"},
          {"map(&age, some)", "[null,null,null,null]"},
          {"merge(o, {b: s, c: yes}, {a: yes})",
           R"({"a":true,"b":"a-b-c","c":true})"},
          {"merge(`{}`)", "{}"},
          {"not_null(nothing, o.b, s)", R"("a-b-c")"},
          {"not_null(nothing)", "null"},
          {"not_null(a, b, c, d, e, f, yes)", "true"},
          {"omit_empty({a: nothing, b: '', c: empty, d: `{}`, e: `false`, "
           "f: `0`, g: s})",
           R"({"e":false,"f":0,"g":"a-b-c"})"},
          {"type(o)", R"("object")"},
          {"type(nothing)", R"("null")"},
          {"[type(n), type(neg), type(s), type(yes)]",
           R"(["array","number","string","boolean"])"},
      });
}

TEST(Functions, ChangeTexts) {
  ExpectValues(kDocument, {
                              {"split(s, '-')", R"(["a","b","c"])"},
                              {"split('', '-')", R"([""])"},
                              {"split('a--', '-')", R"(["a","",""])"},
                              {"split(s, '')", "null"},
                              {"lower('ÀBC Ö')", R"("Àbc Ö")"},
                              {"upper('àbc ß')", R"("àBC ß")"},
                              {"trim(' \t x y\n ')", R"("x y")"},
                              {"trim('  ')", R"("")"},
                              {"strip('+(33) 6-', '+-() ')", R"("33) 6")"},
                              {"strip('éaéà', 'àé')", R"("a")"},
                              {"strip('éé', 'é')", R"("")"},
                              {"strip(s, '')", R"("a-b-c")"},
                              {"replace(s, '-', '')", R"("abc")"},
                              {"replace(s, '-', '--')", R"("a--b--c")"},
                              {"replace(s, 'x', 'y')", R"("a-b-c")"},
                              {"replace(s, '', 'y')", R"("a-b-c")"},
                              {"replace('aaa', 'aa', 'b')", R"("ba")"},
                              {"starts_with(s, 'a-')", "true"},
                              {"starts_with(s, 'b')", "false"},
                              {"ends_with(s, '-c')", "true"},
                              {"ends_with(s, 'b')", "false"},
                              {"reverse('aé😀')", R"("😀éa")"},
                              {"to_text(half)", R"("-2.5")"},
                              {"to_text(sum(n))", R"("4.5")"},
                              {"to_text(yes)", R"("true")"},
                              {"to_text(s)", R"("a-b-c")"},
                              {"to_text(nothing)", "null"},
                              {"to_text(o)", "null"},
                              {"to_string(o)", R"("{\"a\":1,\"b\":null}")"},
                              {"to_string([s, yes])", R"("[\"a-b-c\",true]")"},
                              {"to_string(s)", R"("a-b-c")"},
                              {"to_string(nothing)", R"("null")"},
                          });
}

TEST(Functions, LookUpWords) {
  ExpectValues(R"({"g": "valid", "n": 7, "b": true, "x": "?", "e": "",
                   "o": {}, "a": ["valid", "x"]})",
               {
                   {"lookup('grade', g)", R"("GOOD")"},
                   {"lookup('grade', n)", R"("SEVEN")"},
                   {"lookup('grade', sum([n]))", R"("SEVEN")"},
                   {"lookup('grade', b)", R"("YES")"},
                   {"lookup('grade', x)", "null"},
                   {"lookup('grade', nothing)", "null"},
                   {"lookup('state', x)", R"("OTHER")"},
                   {"lookup('state', `false`)", R"("OTHER")"},
                   {"lookup('state', nothing)", R"("NONE")"},
                   {"lookup('state', e)", R"("NONE")"},
                   {"lookup('state', o)", "null"},
                   {"a[*].lookup('grade', @)", R"(["GOOD"])"},
               });
}

TEST(Functions, KnowContacts) {
  ExpectValues(
      R"({"url": "http://fr.linkedin.com/in/Ada-L/?x=1", "n": 1})",
      {
          {"first_name(' Ada  King Lovelace ')", R"("Ada")"},
          {"last_name(' Ada  King Lovelace ')", R"("King Lovelace")"},
          {"first_name('Ada')", R"("Ada")"},
          {"last_name('Ada')", "null"},
          {"first_name(' ')", "null"},
          {"full_name(' Ada', 'Lovelace ')", R"("Ada Lovelace")"},
          {"full_name('Ada', nothing)", R"("Ada")"},
          {"full_name('', 'Lovelace')", R"("Lovelace")"},
          {"full_name('', nothing)", "null"},
          {"full_name('Ada', n)", "null"},
          {"linkedin_slug(url)", R"("Ada-L")"},
          {"linkedin_slug('Ada-L')", "null"},
          {"linkedin_slug('https://www.linkedin.com/company/acme')", "null"},
          {"linkedin_url(url)", R"("https://www.linkedin.com/in/Ada-L")"},
          {"linkedin_url(' ada-l ')", R"("https://www.linkedin.com/in/ada-l")"},
          {"linkedin_url('acme.com')", "null"},
          {"linkedin_url('ada l')", "null"},
          {"linkedin_url('')", "null"},
          {"domain_of('https://www.Acme.com/about')", R"("acme.com")"},
          {"domain_of('Ada@Mail.Acme.com')", R"("mail.acme.com")"},
          {"domain_of('acme.com')", R"("acme.com")"},
          {"domain_of('Acme Inc')", "null"},
          {"domain_of('')", "null"},
      });
}

TEST(Functions, AreNullForTheWrongType) {
  constexpr absl::string_view kOfNumbers[] = {"abs", "ceil", "floor"};
  constexpr absl::string_view kOfArrays[] = {"avg", "compact", "max",
                                             "min", "sort",    "sum"};
  constexpr absl::string_view kOfObjects[] = {"entries", "keys", "merge",
                                              "omit_empty", "values"};
  constexpr absl::string_view kOfTexts[] = {
      "domain_of",    "first_name", "last_name", "linkedin_slug",
      "linkedin_url", "lower",      "trim",      "upper"};
  const auto expect_null = [](absl::Span<const absl::string_view> names,
                              absl::Span<const absl::string_view> arguments) {
    for (const absl::string_view name : names) {
      for (const absl::string_view argument : arguments) {
        const std::string call = absl::StrCat(name, "(", argument, ")");
        EXPECT_EQ(Eval(call, "{}"), "null") << call;
      }
    }
  };
  expect_null(kOfNumbers, {"@", "`[]`", "'1'", "`true`", "nothing"});
  expect_null(kOfArrays, {"@", "`1`", "'1'", "`true`", "nothing"});
  expect_null(kOfObjects, {"`1`", "`[]`", "'1'", "`true`", "nothing"});
  expect_null(kOfTexts, {"@", "`1`", "`[]`", "`true`", "nothing"});
  expect_null({"length"}, {"`1`", "`true`", "nothing"});
  expect_null({"reverse"}, {"@", "`1`", "`true`", "nothing"});
  expect_null({"to_number"}, {"@", "`[]`", "`true`", "nothing"});
  expect_null({"concat"}, {"@", "`1`", "nothing"});
  for (const absl::string_view call : {"contains(@, 'a')",
                                       "contains(`1`, 'a')",
                                       "ends_with(@, 'a')",
                                       "ends_with('a', `1`)",
                                       "starts_with(`1`, 'a')",
                                       "starts_with('a', @)",
                                       "join(`1`, `[]`)",
                                       "join(',', 'a')",
                                       "split(`1`, ',')",
                                       "split('a', `1`)",
                                       "strip('a', `1`)",
                                       "strip(`1`, 'a')",
                                       "replace(`1`, 'a', 'b')",
                                       "replace('a', 'a', `1`)",
                                       "map(&@, @)",
                                       "sort_by(@, &a)",
                                       "sort_desc('a', &a)",
                                       "max_by(`1`, &a)",
                                       "min_by(@, &a)",
                                       "merge(@, `1`)",
                                       "concat('a', `[]`)",
                                       "avg(`[\"a\"]`)",
                                       "sum(`[\"1\"]`)",
                                       "sort(`[[]]`)",
                                       "max(`[true]`)"}) {
    EXPECT_EQ(Eval(call, "{}"), "null") << call;
  }
}

}  // namespace
}  // namespace enrich::expression
