#ifndef ENRICH_RPC_PROTO_EVENT_ENCODER_H_
#define ENRICH_RPC_PROTO_EVENT_ENCODER_H_

#include <optional>
#include <string>

#include "engine/event_encoder.h"

namespace enrich {

// Encodes events as enrich.v1.ResultEvent. REQUIRES: every string is valid
// UTF-8, as the request's are and as the JSON reader makes the providers'.
class ProtoEventEncoder final : public EventEncoder {
 public:
  std::string EncodeContactResult(absl::string_view batch_id,
                                  absl::Time event_time, int64_t index,
                                  const Contact& contact,
                                  const ContactProgress& progress,
                                  int64_t supersedes) const override;

  std::string EncodeBatchFinished(const Batch& batch) const override;

  std::optional<int64_t> ContactIndexOf(absl::string_view event) const override;
  absl::StatusOr<ContactProgress> DecodeContactResult(
      absl::string_view event) const override;
};

}  // namespace enrich

#endif  // ENRICH_RPC_PROTO_EVENT_ENCODER_H_
