#include "cli/enrich_options.h"

#include "absl/strings/escaping.h"
#include "base/crypto.h"
#include "base/json.h"

namespace enrich::cli {

std::string DigestOf(const EnrichOptions& options) {
  json::Writer out;
  out.StartArray();
  out.Int(static_cast<int>(options.input.format));
  out.Int(options.input.delimiter);
  out.StartObject();
  for (const auto& [field, column] : options.input.columns) {
    out.Member(InputFieldName(field), column);
  }
  out.EndObject();
  out.Int(static_cast<int>(options.output.format));
  out.Int(static_cast<int>(options.output.safety));
  out.StartArray();
  for (const v1::ContactField field : options.fields) out.Int(field);
  out.EndArray().StartArray();
  for (const std::string& provider : options.providers) out.String(provider);
  out.EndArray();
  out.Int(options.min_quality).String(options.run);
  out.Int(options.batch_size).Bool(options.unordered);
  if (options.no_cache) out.Bool(true);
  if (options.has_ceilings()) {
    out.Int(options.max_cost_micros).StartObject();
    for (const auto& [account, most] : options.max_millicredits) {
      out.Key(account).Int(most);
    }
    out.EndObject();
  }
  out.EndArray();
  return absl::BytesToHexString(Sha256(out.Take()));
}

}  // namespace enrich::cli
