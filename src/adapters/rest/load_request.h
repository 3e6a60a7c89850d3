#ifndef ENRICH_ADAPTERS_REST_LOAD_REQUEST_H_
#define ENRICH_ADAPTERS_REST_LOAD_REQUEST_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/rest/load_context.h"
#include "adapters/rest/load_template.h"
#include "adapters/rest/plan.h"

namespace enrich::rest {

using NamedTemplates = std::vector<std::pair<std::string, Template>>;

// What every request of a provider has in common.
struct CommonRequest {
  // Without a slash at its end.
  std::string base_url = {};
  // `headers` of the top level.
  NamedTemplates headers = {};
  // Of `auth`.
  NamedTemplates auth_headers = {};
  NamedTemplates auth_query = {};
  NamedTemplates auth_body = {};
};

// Which requests are read.
struct RequestRules {
  // Of `get`, `post` and `put`.
  std::vector<std::string> methods = {"get", "post"};
  // What may stand in URLs and headers.
  bool submission = false;
  bool job = false;
};

// Reads the request of `node`, a mapping: its method and path, `query`,
// `headers`, `body` and `body_format`. Other keys are the caller's.
std::optional<RequestPlan> ReadRequest(LoadContext& context,
                                       const YamlNode& node,
                                       const CommonRequest& common,
                                       const RequestRules& rules);

// A mapping of header names to templates.
NamedTemplates ReadHeaders(LoadContext& context, const YamlNode& node,
                           const RequestRules& rules);

// A whole URL, or a path below `base_url`.
std::optional<Template> ReadUrl(LoadContext& context, const YamlNode& node,
                                absl::string_view base_url,
                                const RequestRules& rules);

// Whether the URL can be asked: https, a host, no user, no fragment.
// `plain` allows http, which an account may use.
bool IsHttpUrl(absl::string_view url, bool plain);

// Whether an expression of the request mentions `name`.
bool RequestMentions(const RequestPlan& request, absl::string_view name);
// Whether a template of it has the placeholder.
bool RequestHas(const RequestPlan& request, Placeholder::Kind kind);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_REQUEST_H_
