#ifndef ENRICH_RPC_TO_PROTO_H_
#define ENRICH_RPC_TO_PROTO_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/engine.h"
#include "enrich/v1/enrichment_service.pb.h"
#include "enrich/v1/provider_service.pb.h"
#include "enrich/v1/result.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "model/batch.h"

// From the model to the API's messages. Pure. Each fills in an empty message.
namespace enrich {

void ToProto(absl::Time from, google::protobuf::Timestamp& to);
void ToProto(absl::Duration from, google::protobuf::Duration& to);

// `time_left` appears only while contacts are open.
void ToProto(const Batch& from, absl::Duration time_left,
             v1::BatchProgress& to);
void ToProto(const Batch& from, absl::Duration time_left, v1::Batch& to);

void ToProto(const EnrichPlan& from, v1::Plan& to);

// `tenant` sees its own part of the money, and the sum.
void ToProto(const AccountStatus& from, absl::string_view tenant,
             v1::Provider& to);

}  // namespace enrich

#endif  // ENRICH_RPC_TO_PROTO_H_
