#ifndef ENRICH_ADAPTERS_REST_LOAD_TEMPLATE_H_
#define ENRICH_ADAPTERS_REST_LOAD_TEMPLATE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "adapters/rest/load_context.h"
#include "adapters/rest/plan.h"

namespace enrich::rest {

// What a template may hold, and what becomes of it.
struct TemplateRules {
  enum class Use {
    // Secrets and the account are percent-encoded; no character that ends a
    // URL or is not allowed in one.
    kUrl,
    // A header's value: nothing that ends it.
    kHeader,
    // Encoded as a whole when it is sent.
    kValue,
  };
  Use use = Use::kValue;
  // `{callback_url}` and `{reference}`.
  bool submission = false;
  // `{job}` and `{jobs}`.
  bool job = false;
};

// Reads a text with placeholders and fills in what is known of it.
std::optional<Template> ReadTemplate(LoadContext& context, const YamlNode& node,
                                     const TemplateRules& rules);

// Likewise, from a part of the node's text.
std::optional<Template> ReadTemplateText(LoadContext& context,
                                         const YamlNode& node,
                                         absl::string_view text,
                                         const TemplateRules& rules);

// The text of a template that has no placeholder left.
std::string FixedText(const Template& text);

bool Has(const Template& text, Placeholder::Kind kind);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_TEMPLATE_H_
