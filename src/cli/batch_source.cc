#include "cli/batch_source.h"

#include <algorithm>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/request_id.h"

namespace enrich::cli {
namespace {

// The gateway takes 4 MiB; the rest is for framing and the batch's own fields.
constexpr size_t kMaxContactBytes = 3 << 20;
constexpr size_t kFraming = 8;

}  // namespace

absl::StatusOr<bool> BatchSource::ReadAhead() {
  if (ahead_.has_value()) return true;
  Row row;
  ASSIGN_OR_RETURN(const bool found, rows_.Next(row));
  if (found) ahead_ = std::move(row);
  return found;
}

v1::EnrichBatchRequest BatchSource::NewRequest() const {
  v1::EnrichBatchRequest request;
  for (const v1::ContactField field : options_.fields) {
    request.add_fields(field);
  }
  for (const std::string& provider : options_.providers) {
    request.add_providers(provider);
  }
  request.set_min_email_quality(options_.min_quality);
  request.set_bypass_cache(options_.no_cache);
  return request;
}

absl::Status BatchSource::ShareCeilings(int64_t contacts,
                                        v1::EnrichBatchRequest& request) {
  const int64_t before = std::exchange(cut_, cut_ + contacts);
  if (!options_.has_ceilings()) return absl::OkStatus();
  if (!contacts_.has_value()) {
    return absl::InvalidArgumentError(
        "--max-credits and --max-cost need --in FILE: a ceiling is shared out "
        "among contacts that can be counted beforehand");
  }
  // Rounded so that the shares of all batches add up to the whole.
  const auto share = [&](int64_t whole) {
    const auto up_to = [&](int64_t rows) {
      return static_cast<int64_t>(absl::int128(whole) * rows / *contacts_);
    };
    return up_to(cut_) - up_to(before);
  };
  for (const auto& [account, most] : options_.max_millicredits) {
    (*request.mutable_max_millicredits())[account] = share(most);
  }
  if (options_.max_cost_micros > 0) {
    // 0 would be no ceiling.
    request.set_max_cost_micros(
        std::max<int64_t>(share(options_.max_cost_micros), 1));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<InputBatch>> BatchSource::Next() {
  InputBatch batch{.index = next_index_, .request = NewRequest()};
  size_t bytes = 0;
  while (static_cast<int64_t>(batch.rows.size()) < options_.batch_size) {
    ASSIGN_OR_RETURN(const bool found, ReadAhead());
    if (!found) break;
    const size_t size = ahead_->contact.ByteSizeLong() + kFraming;
    if (!batch.rows.empty() && bytes + size > kMaxContactBytes) break;
    bytes += size;
    *batch.request.add_contacts() = std::move(ahead_->contact);
    batch.rows.push_back(*std::move(ahead_));
    ahead_.reset();
  }
  if (batch.rows.empty()) return std::optional<InputBatch>();
  ++next_index_;
  // No part of the id: to raise a ceiling is not to buy again.
  RETURN_IF_ERROR(
      ShareCeilings(static_cast<int64_t>(batch.rows.size()), batch.request));
  batch.request.set_request_id(RequestIdOf(batch.request, options_.run));
  // Without the file's name: a request id fits one content only, and renaming
  // a file must not buy it again.
  batch.request.set_display_name(absl::StrCat("enrichctl rows ",
                                              batch.rows.front().number, "-",
                                              batch.rows.back().number));
  return std::optional<InputBatch>(std::move(batch));
}

}  // namespace enrich::cli
