#ifndef ENRICH_SERVER_PROVIDER_TEMPLATE_H_
#define ENRICH_SERVER_PROVIDER_TEMPLATE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace enrich {

// A provider file to start from, with comments, for the provider `id`. It has
// no mistakes, and the fixture it names passes.
std::string ProviderTemplate(absl::string_view id);
// That fixture.
std::string FixtureTemplate(absl::string_view id);
// Where it stands, from the provider file's folder.
std::string FixtureTemplatePath(absl::string_view id);

}  // namespace enrich

#endif  // ENRICH_SERVER_PROVIDER_TEMPLATE_H_
