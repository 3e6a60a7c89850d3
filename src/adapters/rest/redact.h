#ifndef ENRICH_ADAPTERS_REST_REDACT_H_
#define ENRICH_ADAPTERS_REST_REDACT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "http/http_message.h"

namespace enrich::rest {

// Hides what must not be shown of messages: Plan.redact.
class Redactor {
 public:
  explicit Redactor(const std::vector<std::string>& places) : places_(places) {}

  std::string Url(absl::string_view url) const;
  // A header's value.
  std::string Header(absl::string_view name, absl::string_view value) const;
  // JSON or a form; other text as it is.
  std::string Body(absl::string_view body) const;

 private:
  bool Hides(absl::string_view kind, absl::string_view name) const;
  std::string Pairs(absl::string_view text, absl::string_view kind) const;

  const std::vector<std::string>& places_;
};

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_REDACT_H_
