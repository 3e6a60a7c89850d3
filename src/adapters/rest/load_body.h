#ifndef ENRICH_ADAPTERS_REST_LOAD_BODY_H_
#define ENRICH_ADAPTERS_REST_LOAD_BODY_H_

#include <optional>
#include <string>

#include "adapters/rest/load_context.h"
#include "adapters/rest/plan.h"

namespace enrich::rest {

// A tree of literals and expressions.
std::optional<BodyNode> ReadBody(LoadContext& context, const YamlNode& node);

// Likewise, of the members of a form.
std::optional<BodyNode> ReadForm(LoadContext& context, const YamlNode& node);

// The JSON of a scalar or null: plain scalars by the rules of YAML 1.2, so that
// `no` is text. Reports what could be meant in two ways.
std::optional<std::string> ScalarToJson(LoadContext& context,
                                        const YamlNode& node);

// The JSON of a whole tree, in which nothing is an expression.
std::string TreeToJson(LoadContext& context, const YamlNode& node);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_BODY_H_
