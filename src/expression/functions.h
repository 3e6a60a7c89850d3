#ifndef ENRICH_EXPRESSION_FUNCTIONS_H_
#define ENRICH_EXPRESSION_FUNCTIONS_H_

#include <limits>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "expression/node.h"

// The functions of expressions. All are total: null for an argument of another
// type than is named here, and for what they cannot do. The numbers they
// compute are exact among whole numbers of 64 bits, else doubles. Text is UTF-8
// and characters are Unicode's code points; but letters that change case and
// white space that is trimmed are ASCII's only, all others stay as they are.
//
// JMESPath's, as its specification has them:
//   abs(number)                  avg(numbers)         ceil(number)
//   contains(array | text, any)  ends_with(text, text)
//   floor(number)                join(text, texts)    keys(object)
//   length(array | object | text): of a text, its characters
//   map(&expression, array)      max(numbers | texts)
//   max_by(array, &expression)   merge(object, ...)
//   min(numbers | texts)         min_by(array, &expression)
//   not_null(any, ...)           reverse(array | text)
//   sort(numbers | texts)        sort_by(array, &expression)
//   starts_with(text, text)      sum(numbers)         to_array(any)
//   to_number(any): of a text that is a number as JSON spells it, in that
//     spelling
//   to_string(any): JSON, but of a text itself
//   type(any)                    values(object)
// A `_by` function wants the keys of all elements to be numbers, or all texts.
//
// Ours:
//   lookup('table', any): what the word means in the table; what "*" means when
//     the table lacks it. A number or a boolean is looked up as it is spelt,
//     and null as "", for which "*" does not stand.
//   as_list(any): [] for null, an array itself, else [any]
//   entries(object): [{key: ..., value: ...}, ...]
//   concat(arrays, ... | texts, ...)
//   compact(array): without its nulls
//   omit_empty(object): without its members that are null, "", [] or {}
//   sort_desc(array, &expression): largest key first, and elements whose key
//     is null last; equal ones stay in order
//   split(text, separator): the parts; null for an empty separator
//   lower(text)  upper(text)  trim(text)
//   strip(text, characters): without these characters at both ends
//   replace(text, from, to): each `from`; nothing happens when it is empty
//   to_text(any): of a text itself, of a number or boolean its spelling
//   first_name(text): the first word of a full name
//   last_name(text): all other words; null when there is none
//   full_name(first, last): joined by a space; either may be null or empty
//   linkedin_slug(url): the id in the URL of a profile
//   linkedin_url(text): the canonical URL of a profile, from any of its URLs or
//     its id
//   domain_of(text): the registrable host in a URL, e-mail address or host name
namespace enrich::expression {

// What a function gets. Strings among the arguments are paid for by their size;
// the function pays for arrays and objects.
struct Call {
  absl::Span<const Value> arguments;
  // The argument with `&`.
  const Node* reference;
  Scope& scope;

  const Value& operator[](size_t i) const { return arguments[i]; }
  Arena& arena() const { return scope.arena; }
};

struct Function {
  static constexpr int kAny = std::numeric_limits<int>::max();

  absl::string_view name;
  // Arguments.
  int min;
  int max;
  Value (*evaluate)(const Call& call);
  // The argument that takes `&`; none below zero.
  int reference = -1;
};

// Null when there is none. `lookup` is not among them: its table is resolved
// when the expression is compiled.
const Function* FindFunction(absl::string_view name);

// Part of what FindFunction knows, by file.
absl::Span<const Function> ArrayFunctions();
absl::Span<const Function> ContactFunctions();
absl::Span<const Function> NumberFunctions();
absl::Span<const Function> ObjectFunctions();
absl::Span<const Function> OrderFunctions();
absl::Span<const Function> TextFunctions();

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_FUNCTIONS_H_
