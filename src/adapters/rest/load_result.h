#ifndef ENRICH_ADAPTERS_REST_LOAD_RESULT_H_
#define ENRICH_ADAPTERS_REST_LOAD_RESULT_H_

#include <string>
#include <vector>

#include "adapters/rest/load_context.h"
#include "adapters/rest/plan.h"

namespace enrich::rest {

// An expression, or a list of {at, state}. Null where there is none.
ResultLists ReadResultLists(LoadContext& context, const YamlNode* node);

// Input combinations: `requires`.
using InputCombinations = std::vector<std::vector<std::vector<std::string>>>;
InputCombinations ReadRequires(LoadContext& context, const YamlNode& node);
// Likewise in words, for people.
std::vector<std::string> InputsInWords(const InputCombinations& combinations);

// Reads `result` of an operation whose `fields` are in `plan.fields` already,
// with prices and inputs.
void ReadResult(LoadContext& context, const YamlNode& node, ResultPlan& plan);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_RESULT_H_
