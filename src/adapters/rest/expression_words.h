#ifndef ENRICH_ADAPTERS_REST_EXPRESSION_WORDS_H_
#define ENRICH_ADAPTERS_REST_EXPRESSION_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "expression/expression.h"

// What can be known of an expression without evaluating it.
namespace enrich::rest {

// Whether the name occurs in the expression other than as a key that it makes.
bool Mentions(const expression::Expression& expression, absl::string_view name);

// A word an expression can give.
struct PossibleWord {
  std::string word = {};
  // The table it comes from; empty for one that is written out.
  std::string table = {};
};

// The words `expression` can give as far as it says so itself: texts that are
// written out and what tables make of others, on either side of `||`, and at
// the end of `&&` and `|`.
std::vector<PossibleWord> PossibleWords(
    const expression::Expression& expression, const expression::Tables& tables);

// Likewise for the member `key` of objects that it makes.
std::vector<PossibleWord> PossibleWordsOf(
    const expression::Expression& expression, absl::string_view key,
    const expression::Tables& tables);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_EXPRESSION_WORDS_H_
