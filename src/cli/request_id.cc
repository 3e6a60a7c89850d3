#include "cli/request_id.h"

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/crypto.h"

namespace enrich::cli {
namespace {

constexpr size_t kBlock = 1 << 20;

// Length first: no two sequences of fields spell the same text.
void AppendField(absl::string_view value, std::string& out) {
  absl::StrAppend(&out, value.size(), ":", value);
}

}  // namespace

// Not the serialised message: its bytes may change with the library, and ids
// must outlive an upgrade.
std::string RequestIdOf(const v1::EnrichBatchRequest& request,
                        absl::string_view run) {
  std::string text = "enrichctl request 1\n";
  AppendField(run, text);
  AppendField(absl::StrCat(request.min_email_quality()), text);
  AppendField(absl::StrCat(request.fields_size()), text);
  for (const int field : request.fields()) {
    AppendField(absl::StrCat(field), text);
  }
  AppendField(absl::StrCat(request.providers_size()), text);
  for (const std::string& provider : request.providers()) {
    AppendField(provider, text);
  }
  // Only where it is set: ids are those of older versions otherwise.
  if (request.bypass_cache()) AppendField("bypass_cache", text);
  for (const v1::Contact& contact : request.contacts()) {
    for (const std::string* value :
         {&contact.contact_ref(), &contact.first_name(), &contact.last_name(),
          &contact.full_name(), &contact.company_name(),
          &contact.company_domain(), &contact.linkedin_url(),
          &contact.email()}) {
      AppendField(*value, text);
    }
  }
  return absl::StrCat("enrichctl-",
                      absl::BytesToHexString(Sha256(text)).substr(0, 48));
}

// A chain of digests: base/crypto.h hashes what is in memory.
absl::StatusOr<std::string> DigestOf(std::istream& in) {
  std::string digest;
  std::string block(kBlock, '\0');
  do {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto size = static_cast<size_t>(in.gcount());
    digest =
        Sha256(absl::StrCat(digest, absl::string_view(block.data(), size)));
  } while (in);
  if (in.bad()) return absl::InternalError("the input cannot be read");
  return absl::BytesToHexString(digest);
}

}  // namespace enrich::cli
