// Made by operations.mjs from operations/*.graphql; change those.

import type { GeoJSON, Json, Operation } from "./types";

export type GridsOfData = { grids: { edges: ({ node: { id: string; code: string; name: string; nameEn: string | null; version: number; boundary: GeoJSON } })[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } | null };
export type GridsOfVariables = { areaId: string; after?: string | null };
export const GridsOf: Operation<GridsOfData, GridsOfVariables> = { text: "query GridsOf($areaId:ID!$after:String){grids(filter:{areaId:$areaId}first:200 after:$after){edges{node{id code name nameEn version boundary}}pageInfo{hasNextPage endCursor}}}" };

export type BorderData = { area: { id: string; code: string; name: string; boundary: GeoJSON } | null };
export type BorderVariables = { id: string };
export const Border: Operation<BorderData, BorderVariables> = { text: "query Border($id:ID!){area(id:$id){id code name boundary}}" };

export type SplitGridData = { splitGrid: ({ id: string; code: string; name: string; householdCount: number })[] | null };
export type SplitGridVariables = { id: string; line: GeoJSON; code: string; name: string; version?: number | null };
export const SplitGrid: Operation<SplitGridData, SplitGridVariables> = { text: "mutation SplitGrid($id:ID!$line:GeoJSON!$code:String!$name:String!$version:Int){splitGrid(id:$id line:$line code:$code name:$name version:$version){id code name householdCount}}" };

export type MergeGridsData = { mergeGrids: { id: string; code: string; name: string; householdCount: number } | null };
export type MergeGridsVariables = { ids: (string)[]; code: string; name: string; versions?: (number)[] | null };
export const MergeGrids: Operation<MergeGridsData, MergeGridsVariables> = { text: "mutation MergeGrids($ids:[ID!]!$code:String!$name:String!$versions:[Int!]){mergeGrids(ids:$ids code:$code name:$name versions:$versions){id code name householdCount}}" };

export type MoveBorderData = { moveBorder: ({ id: string; code: string; name: string; householdCount: number })[] | null };
export type MoveBorderVariables = { id: string; boundary: GeoJSON; version?: number | null };
export const MoveBorder: Operation<MoveBorderData, MoveBorderVariables> = { text: "mutation MoveBorder($id:ID!$boundary:GeoJSON!$version:Int){moveBorder(id:$id boundary:$boundary version:$version){id code name householdCount}}" };

export type QueueCall = { id: string; status: "OPEN" | "OFFERED" | "ACCEPTED" | "ARRIVED" | "RINGING" | "HELD" | "RESOLVED" | "CLOSED" | "CANCELLED"; priority: number; pressCount: number; mark: "UNKNOWN_SERIAL" | "RETIRED_TERMINAL" | "NO_HOUSEHOLD" | "HOUSEHOLD_GONE" | "CANCEL_ALONE" | null; cancelPressed: boolean; openedAt: string; answerDueAt: string; overdue: boolean; terminalSerial: string; household: { id: string; address: string; location: GeoJSON; grid: { id: string; code: string; name: string } } | null; claimedBy: { id: string; name: string } | null; holder: { id: string; name: string } | null; currentOffer: { id: string; status: "OFFERED" | "ACCEPTED" | "DECLINED" | "EXPIRED" | "WITHDRAWN" | "LOST" | "ENDED"; etaSeconds: number | null; distanceMeters: number | null; offeredAt: string; expiresAt: string; worker: { id: string; name: string } } | null };

export type OpenCallsData = { calls: { edges: ({ node: QueueCall })[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } | null };
export type OpenCallsVariables = { areaId?: string | null; after?: string | null };
export const OpenCalls: Operation<OpenCallsData, OpenCallsVariables> = { text: "query OpenCalls($areaId:ID$after:String){calls(filter:{areaId:$areaId open:true}orderBy:URGENCY first:200 after:$after){edges{node{...QueueCall}}pageInfo{hasNextPage endCursor}}}fragment QueueCall on Call{id status priority pressCount mark cancelPressed openedAt answerDueAt overdue terminalSerial household{id address location grid{id code name}}claimedBy{id name}holder{id name}currentOffer{id status etaSeconds distanceMeters offeredAt expiresAt worker{id name}}}" };

export type CallFileData = { call: QueueCall & { outcome: "HELP_GIVEN" | "SERVICE_ARRANGED" | "TAKEN_TO_HOSPITAL" | "HANDED_TO_POLICE_OR_FIRE" | "NOBODY_FOUND" | "FALSE_ALARM" | "TEST" | null; satisfied: boolean | null; answeredAt: string | null; arrivedAt: string | null; endedAt: string | null; timeline: ({ at: string; kind: "OPENED" | "PRESSED_AGAIN" | "CANCEL_PRESSED" | "RUNG_SKIPPED" | "OFFERED" | "DECLINED" | "EXPIRED" | "WITHDRAWN" | "ACCEPTED" | "ASKED_AFTER" | "CONFIRMED" | "HOLDER_LOST" | "ARRIVED" | "RANG" | "CLAIMED" | "RELEASED" | "CLAIM_LAPSED" | "ESCALATED" | "CANCELLED" | "RESOLVED" | "FOLLOWED_UP" | "REOPENED"; actor: { name: string } | null; detail: Json; note: string | null })[]; offers: ({ id: string; rung: string; status: "OFFERED" | "ACCEPTED" | "DECLINED" | "EXPIRED" | "WITHDRAWN" | "LOST" | "ENDED"; etaSeconds: number | null; distanceMeters: number | null; path: GeoJSON | null; reason: string; offeredAt: string; answeredAt: string | null; worker: { id: string; name: string } })[]; candidates: ({ eligible: boolean; reason: "NEAREST" | "OWN_GRID" | "TOGETHER" | "FREE" | "OFF_DUTY" | "BUSY" | "ASKED_BEFORE" | "OTHER_ROLE" | "OTHER_TERRITORY" | "MISSING_SKILL" | "OUT_OF_REACH"; etaSeconds: number | null; distanceMeters: number | null; path: GeoJSON | null; positionSource: string; worker: { id: string; name: string; role: "GRID_WORKER" | "VOLUNTEER" | "COMMUNITY_STAFF" | "SOCIAL_WORKER"; status: "OFF_DUTY" | "AVAILABLE" | "OFFERED" | "COMMITTED" } })[] } | null };
export type CallFileVariables = { id: string };
export const CallFile: Operation<CallFileData, CallFileVariables> = { text: "query CallFile($id:ID!){call(id:$id){...QueueCall outcome satisfied answeredAt arrivedAt endedAt timeline{at kind actor{name}detail note}offers{id rung status etaSeconds distanceMeters path reason offeredAt answeredAt worker{id name}}candidates(first:8){eligible reason etaSeconds distanceMeters path positionSource worker{id name role status}}}}fragment QueueCall on Call{id status priority pressCount mark cancelPressed openedAt answerDueAt overdue terminalSerial household{id address location grid{id code name}}claimedBy{id name}holder{id name}currentOffer{id status etaSeconds distanceMeters offeredAt expiresAt worker{id name}}}" };

export type CallHomeData = { call: { household: { residents: ({ id: string; name: string | null; phone: string | null; birthDate: string | null; careRecords: ({ category: { code: string; name: string; nameEn: string }; level: string | null; notes: string | null })[] })[] } | null } | null };
export type CallHomeVariables = { id: string };
export const CallHome: Operation<CallHomeData, CallHomeVariables> = { text: "query CallHome($id:ID!){call(id:$id){household{residents{id name phone birthDate careRecords{category{code name nameEn}level notes}}}}}" };

export type RecentCallsData = { calls: { edges: ({ node: { id: string; status: "OPEN" | "OFFERED" | "ACCEPTED" | "ARRIVED" | "RINGING" | "HELD" | "RESOLVED" | "CLOSED" | "CANCELLED"; outcome: "HELP_GIVEN" | "SERVICE_ARRANGED" | "TAKEN_TO_HOSPITAL" | "HANDED_TO_POLICE_OR_FIRE" | "NOBODY_FOUND" | "FALSE_ALARM" | "TEST" | null; endedAt: string | null; openedAt: string; terminalSerial: string; household: { id: string; address: string } | null } })[] } | null };
export type RecentCallsVariables = {  };
export const RecentCalls: Operation<RecentCallsData, RecentCallsVariables> = { text: "query RecentCalls{calls(filter:{open:false}orderBy:NEWEST first:20){edges{node{id status outcome endedAt openedAt terminalSerial household{id address}}}}}" };

export type ClaimCallData = { claimCall: QueueCall | null };
export type ClaimCallVariables = { id: string };
export const ClaimCall: Operation<ClaimCallData, ClaimCallVariables> = { text: "mutation ClaimCall($id:ID!){claimCall(id:$id){...QueueCall}}fragment QueueCall on Call{id status priority pressCount mark cancelPressed openedAt answerDueAt overdue terminalSerial household{id address location grid{id code name}}claimedBy{id name}holder{id name}currentOffer{id status etaSeconds distanceMeters offeredAt expiresAt worker{id name}}}" };

export type KeepClaimData = { keepClaim: { id: string } | null };
export type KeepClaimVariables = { id: string };
export const KeepClaim: Operation<KeepClaimData, KeepClaimVariables> = { text: "mutation KeepClaim($id:ID!){keepClaim(id:$id){id}}" };

export type ReleaseCallData = { releaseCall: QueueCall | null };
export type ReleaseCallVariables = { id: string };
export const ReleaseCall: Operation<ReleaseCallData, ReleaseCallVariables> = { text: "mutation ReleaseCall($id:ID!){releaseCall(id:$id){...QueueCall}}fragment QueueCall on Call{id status priority pressCount mark cancelPressed openedAt answerDueAt overdue terminalSerial household{id address location grid{id code name}}claimedBy{id name}holder{id name}currentOffer{id status etaSeconds distanceMeters offeredAt expiresAt worker{id name}}}" };

export type OfferCallData = { offerCall: QueueCall | null };
export type OfferCallVariables = { id: string; workerId: string };
export const OfferCall: Operation<OfferCallData, OfferCallVariables> = { text: "mutation OfferCall($id:ID!$workerId:ID!){offerCall(id:$id workerId:$workerId){...QueueCall}}fragment QueueCall on Call{id status priority pressCount mark cancelPressed openedAt answerDueAt overdue terminalSerial household{id address location grid{id code name}}claimedBy{id name}holder{id name}currentOffer{id status etaSeconds distanceMeters offeredAt expiresAt worker{id name}}}" };

export type EscalateCallData = { escalateCall: QueueCall | null };
export type EscalateCallVariables = { id: string; reason: string };
export const EscalateCall: Operation<EscalateCallData, EscalateCallVariables> = { text: "mutation EscalateCall($id:ID!$reason:String!){escalateCall(id:$id reason:$reason){...QueueCall}}fragment QueueCall on Call{id status priority pressCount mark cancelPressed openedAt answerDueAt overdue terminalSerial household{id address location grid{id code name}}claimedBy{id name}holder{id name}currentOffer{id status etaSeconds distanceMeters offeredAt expiresAt worker{id name}}}" };

export type CancelCallData = { cancelCall: QueueCall | null };
export type CancelCallVariables = { id: string; reason: string };
export const CancelCall: Operation<CancelCallData, CancelCallVariables> = { text: "mutation CancelCall($id:ID!$reason:String!){cancelCall(id:$id reason:$reason){...QueueCall}}fragment QueueCall on Call{id status priority pressCount mark cancelPressed openedAt answerDueAt overdue terminalSerial household{id address location grid{id code name}}claimedBy{id name}holder{id name}currentOffer{id status etaSeconds distanceMeters offeredAt expiresAt worker{id name}}}" };

export type ResolveCallData = { resolveCall: QueueCall | null };
export type ResolveCallVariables = { id: string; outcome: "HELP_GIVEN" | "SERVICE_ARRANGED" | "TAKEN_TO_HOSPITAL" | "HANDED_TO_POLICE_OR_FIRE" | "NOBODY_FOUND" | "FALSE_ALARM" | "TEST"; serviceMode?: "SOCIAL_WORKER" | "COMMITTEE" | "VOLUNTEERS" | "MARKET" | null; note?: string | null; provider?: string | null; appointmentAt?: string | null };
export const ResolveCall: Operation<ResolveCallData, ResolveCallVariables> = { text: "mutation ResolveCall($id:ID!$outcome:CallOutcome!$serviceMode:ServiceMode$note:String$provider:String$appointmentAt:DateTime){resolveCall(id:$id outcome:$outcome serviceMode:$serviceMode note:$note provider:$provider appointmentAt:$appointmentAt){...QueueCall}}fragment QueueCall on Call{id status priority pressCount mark cancelPressed openedAt answerDueAt overdue terminalSerial household{id address location grid{id code name}}claimedBy{id name}holder{id name}currentOffer{id status etaSeconds distanceMeters offeredAt expiresAt worker{id name}}}" };

export type FollowUpCallData = { followUpCall: QueueCall | null };
export type FollowUpCallVariables = { id: string; satisfied: boolean; note?: string | null };
export const FollowUpCall: Operation<FollowUpCallData, FollowUpCallVariables> = { text: "mutation FollowUpCall($id:ID!$satisfied:Boolean!$note:String){followUpCall(id:$id satisfied:$satisfied note:$note){...QueueCall}}fragment QueueCall on Call{id status priority pressCount mark cancelPressed openedAt answerDueAt overdue terminalSerial household{id address location grid{id code name}}claimedBy{id name}holder{id name}currentOffer{id status etaSeconds distanceMeters offeredAt expiresAt worker{id name}}}" };

export type CallEventsData = { callEvents: { sequence: number; at: string; kind: "OPENED" | "PRESSED_AGAIN" | "CANCEL_PRESSED" | "RUNG_SKIPPED" | "OFFERED" | "DECLINED" | "EXPIRED" | "WITHDRAWN" | "ACCEPTED" | "ASKED_AFTER" | "CONFIRMED" | "HOLDER_LOST" | "ARRIVED" | "RANG" | "CLAIMED" | "RELEASED" | "CLAIM_LAPSED" | "ESCALATED" | "CANCELLED" | "RESOLVED" | "FOLLOWED_UP" | "REOPENED"; call: QueueCall } };
export type CallEventsVariables = { areaId: string; afterSequence?: number | null };
export const CallEvents: Operation<CallEventsData, CallEventsVariables> = { text: "subscription CallEvents($areaId:ID!$afterSequence:Int){callEvents(areaId:$areaId afterSequence:$afterSequence){sequence at kind call{...QueueCall}}}fragment QueueCall on Call{id status priority pressCount mark cancelPressed openedAt answerDueAt overdue terminalSerial household{id address location grid{id code name}}claimedBy{id name}holder{id name}currentOffer{id status etaSeconds distanceMeters offeredAt expiresAt worker{id name}}}" };

export type PositionsData = { workerPositions: { worker: { id: string; name: string; role: "GRID_WORKER" | "VOLUNTEER" | "COMMUNITY_STAFF" | "SOCIAL_WORKER"; status: "OFF_DUTY" | "AVAILABLE" | "OFFERED" | "COMMITTED" }; location: GeoJSON; accuracyMeters: number | null; fixedAt: string; stale: boolean } };
export type PositionsVariables = { areaId: string };
export const Positions: Operation<PositionsData, PositionsVariables> = { text: "subscription Positions($areaId:ID!){workerPositions(areaId:$areaId){worker{id name role status}location accuracyMeters fixedAt stale}}" };

export type OnDuty = { edges: ({ node: { id: string; name: string; role: "GRID_WORKER" | "VOLUNTEER" | "COMMUNITY_STAFF" | "SOCIAL_WORKER"; status: "OFF_DUTY" | "AVAILABLE" | "OFFERED" | "COMMITTED"; areas: ({ code: string })[] } })[] };

export type WorkersOnDutyData = { available: OnDuty | null; offered: OnDuty | null; committed: OnDuty | null };
export type WorkersOnDutyVariables = {  };
export const WorkersOnDuty: Operation<WorkersOnDutyData, WorkersOnDutyVariables> = { text: "query WorkersOnDuty{available:workers(filter:{status:AVAILABLE}first:200){...OnDuty}offered:workers(filter:{status:OFFERED}first:200){...OnDuty}committed:workers(filter:{status:COMMITTED}first:200){...OnDuty}}fragment OnDuty on WorkerConnection{edges{node{id name role status areas{code}}}}" };

export type OpeningData = { viewer: { id: string; name: string; roles: ("GRID_WORKER" | "VOLUNTEER" | "SOCIAL_WORKER" | "COMMUNITY_STAFF" | "DISPATCHER" | "SUPERVISOR" | "PLANNER" | "MANAGER" | "AUDITOR" | "ADMIN" | "TERMINAL")[]; areas: ({ id: string; code: string; name: string; nameEn: string | null; level: "DISTRICT" | "STREET" | "COMMUNITY" | "GRID" })[]; worker: { id: string; name: string } | null }; mapLayers: ({ id: string; title: string; description: string; base: boolean; bounds: (number)[]; legend: ({ label: string; color: string })[] })[] | null };
export type OpeningVariables = { language: "ZH" | "EN"; theme: "LIGHT" | "DARK" };
export const Opening: Operation<OpeningData, OpeningVariables> = { text: "query Opening($language:Language!$theme:Theme!){viewer{id name roles areas{id code name nameEn level}worker{id name}}mapLayers(language:$language theme:$theme){id title description base bounds legend{label color}}}" };

export type GridCardData = { grid: { id: string; code: string; name: string; nameEn: string | null; version: number; boundary: GeoJSON; areaSquareMeters: number; householdCount: number; residentCount: number | null; community: { id: string; name: string; nameEn: string | null }; workers: ({ id: string; name: string; role: "GRID_WORKER" | "VOLUNTEER" | "COMMUNITY_STAFF" | "SOCIAL_WORKER"; status: "OFF_DUTY" | "AVAILABLE" | "OFFERED" | "COMMITTED" })[]; careCounts: ({ category: { code: string; name: string; nameEn: string }; count: number | null; suppressed: boolean })[] } | null };
export type GridCardVariables = { id: string };
export const GridCard: Operation<GridCardData, GridCardVariables> = { text: "query GridCard($id:ID!){grid(id:$id){id code name nameEn version boundary areaSquareMeters householdCount residentCount community{id name nameEn}workers{id name role status}careCounts{category{code name nameEn}count suppressed}}}" };

export type HomesCardData = { households: { totalCount: number; edges: ({ node: { id: string; code: string; address: string; residentCount: number | null; hasTerminal: boolean; careCategories: ({ code: string; name: string; nameEn: string })[] } })[] } | null };
export type HomesCardVariables = { point: { longitude: number; latitude: number; crs?: "WGS84" | "CGCS2000" | "GCJ02" | "BD09" } };
export const HomesCard: Operation<HomesCardData, HomesCardVariables> = { text: "query HomesCard($point:PointInput!){households(filter:{within:{point:$point meters:1}}first:30){totalCount edges{node{id code address residentCount hasTerminal careCategories{code name nameEn}}}}}" };

export type ServicePointCardData = { servicePoint: { id: string; name: string; nameEn: string | null; kind: "SERVICE_CENTRE" | "CLINIC" | "CANTEEN" | "DAY_CARE" | "PHARMACY" | "POLICE_POST" | "MARKET_SERVICE" | "ACTIVITY_ROOM"; address: string | null; openNow: boolean; hours: ({ weekdays: (number)[]; opens: string; closes: string })[] } | null };
export type ServicePointCardVariables = { id: string };
export const ServicePointCard: Operation<ServicePointCardData, ServicePointCardVariables> = { text: "query ServicePointCard($id:ID!){servicePoint(id:$id){id name nameEn kind address openNow hours{weekdays opens closes}}}" };

export type TerminalCardData = { terminal: { id: string; serial: string; model: string | null; status: "NEVER_SEEN" | "ONLINE" | "LOW_BATTERY" | "MAINS_LOST" | "SILENT" | "RETIRED"; lastSeenAt: string | null; batteryPercent: number | null; household: { code: string; address: string } | null } | null };
export type TerminalCardVariables = { id: string };
export const TerminalCard: Operation<TerminalCardData, TerminalCardVariables> = { text: "query TerminalCard($id:ID!){terminal(id:$id){id serial model status lastSeenAt batteryPercent household{code address}}}" };

export type SearchGridsData = { grids: { edges: ({ node: { id: string; code: string; name: string; nameEn: string | null; labelPoint: GeoJSON } })[] } | null };
export type SearchGridsVariables = { text: string };
export const SearchGrids: Operation<SearchGridsData, SearchGridsVariables> = { text: "query SearchGrids($text:String!){grids(filter:{text:$text}first:8){edges{node{id code name nameEn labelPoint}}}}" };

export type SearchHomesData = { households: { edges: ({ node: { id: string; code: string; address: string; location: GeoJSON } })[] } | null };
export type SearchHomesVariables = { text: string };
export const SearchHomes: Operation<SearchHomesData, SearchHomesVariables> = { text: "query SearchHomes($text:String!){households(filter:{text:$text}first:8){edges{node{id code address location}}}}" };

export type NamesData = { grids: { edges: ({ node: { id: string; code: string; name: string; nameEn: string | null; labelPoint: GeoJSON } })[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } | null };
export type NamesVariables = { after?: string | null };
export const Names: Operation<NamesData, NamesVariables> = { text: "query Names($after:String){grids(first:200 after:$after){edges{node{id code name nameEn labelPoint}}pageInfo{hasNextPage endCursor}}}" };

export type PhoneOffer = { id: string; status: "OFFERED" | "ACCEPTED" | "DECLINED" | "EXPIRED" | "WITHDRAWN" | "LOST" | "ENDED"; etaSeconds: number | null; distanceMeters: number | null; offeredAt: string; expiresAt: string; path: GeoJSON | null; call: { id: string; status: "OPEN" | "OFFERED" | "ACCEPTED" | "ARRIVED" | "RINGING" | "HELD" | "RESOLVED" | "CLOSED" | "CANCELLED"; priority: number; pressCount: number; openedAt: string; household: { id: string; address: string; location: GeoJSON } | null } | null };

export type PhoneOpeningData = { settings: { timeZone: string } | null; viewer: { id: string; name: string; roles: ("GRID_WORKER" | "VOLUNTEER" | "SOCIAL_WORKER" | "COMMUNITY_STAFF" | "DISPATCHER" | "SUPERVISOR" | "PLANNER" | "MANAGER" | "AUDITOR" | "ADMIN" | "TERMINAL")[]; worker: { id: string; name: string; role: "GRID_WORKER" | "VOLUNTEER" | "COMMUNITY_STAFF" | "SOCIAL_WORKER"; status: "OFF_DUTY" | "AVAILABLE" | "OFFERED" | "COMMITTED"; areas: ({ id: string; code: string; name: string; nameEn: string | null; level: "DISTRICT" | "STREET" | "COMMUNITY" | "GRID" })[] } | null } };
export type PhoneOpeningVariables = {  };
export const PhoneOpening: Operation<PhoneOpeningData, PhoneOpeningVariables> = { text: "query PhoneOpening{settings{timeZone}viewer{id name roles worker{id name role status areas{id code name nameEn level}}}}" };

export type PhoneCallData = { call: { id: string; status: "OPEN" | "OFFERED" | "ACCEPTED" | "ARRIVED" | "RINGING" | "HELD" | "RESOLVED" | "CLOSED" | "CANCELLED"; priority: number; openedAt: string; outcome: "HELP_GIVEN" | "SERVICE_ARRANGED" | "TAKEN_TO_HOSPITAL" | "HANDED_TO_POLICE_OR_FIRE" | "NOBODY_FOUND" | "FALSE_ALARM" | "TEST" | null; holder: { id: string } | null; currentOffer: PhoneOffer | null; household: { id: string; address: string; building: string | null; unit: string | null; floor: number | null; room: string | null; hasLift: boolean; location: GeoJSON; residents: ({ id: string; name: string | null; phone: string | null; careRecords: ({ category: { code: string; name: string; nameEn: string }; level: string | null; notes: string | null })[] })[] } | null } | null };
export type PhoneCallVariables = { id: string };
export const PhoneCall: Operation<PhoneCallData, PhoneCallVariables> = { text: "query PhoneCall($id:ID!){call(id:$id){id status priority openedAt outcome holder{id}currentOffer{...PhoneOffer}household{id address building unit floor room hasLift location residents{id name phone careRecords{category{code name nameEn}level notes}}}}}fragment PhoneOffer on Offer{id status etaSeconds distanceMeters offeredAt expiresAt path call{id status priority pressCount openedAt household{id address location}}}" };

export type ReturnVisitsData = { calls: { edges: ({ node: { id: string; status: "OPEN" | "OFFERED" | "ACCEPTED" | "ARRIVED" | "RINGING" | "HELD" | "RESOLVED" | "CLOSED" | "CANCELLED"; outcome: "HELP_GIVEN" | "SERVICE_ARRANGED" | "TAKEN_TO_HOSPITAL" | "HANDED_TO_POLICE_OR_FIRE" | "NOBODY_FOUND" | "FALSE_ALARM" | "TEST" | null; endedAt: string | null; household: { id: string; address: string; location: GeoJSON } | null } })[] } | null };
export type ReturnVisitsVariables = {  };
export const ReturnVisits: Operation<ReturnVisitsData, ReturnVisitsVariables> = { text: "query ReturnVisits{calls(filter:{status:RESOLVED}orderBy:NEWEST first:20){edges{node{id status outcome endedAt household{id address location}}}}}" };

export type MyGridData = { grid: { id: string; code: string; name: string; nameEn: string | null; boundary: GeoJSON; householdCount: number; residentCount: number | null; careCounts: ({ category: { code: string; name: string; nameEn: string }; count: number | null; suppressed: boolean })[] } | null };
export type MyGridVariables = { id: string };
export const MyGrid: Operation<MyGridData, MyGridVariables> = { text: "query MyGrid($id:ID!){grid(id:$id){id code name nameEn boundary householdCount residentCount careCounts{category{code name nameEn}count suppressed}}}" };

export type PhoneHomesData = { households: { edges: ({ node: { id: string; code: string; address: string } })[] } | null };
export type PhoneHomesVariables = { text: string };
export const PhoneHomes: Operation<PhoneHomesData, PhoneHomesVariables> = { text: "query PhoneHomes($text:String!){households(filter:{text:$text}first:10){edges{node{id code address}}}}" };

export type PhoneHomeData = { household: { id: string; code: string; address: string; building: string | null; unit: string | null; floor: number | null; room: string | null; hasLift: boolean; location: GeoJSON; residents: ({ id: string; name: string | null; phone: string | null; birthDate: string | null; careRecords: ({ id: string; category: { code: string; name: string; nameEn: string }; level: string | null; notes: string | null })[] })[]; terminals: ({ id: string; serial: string; status: "NEVER_SEEN" | "ONLINE" | "LOW_BATTERY" | "MAINS_LOST" | "SILENT" | "RETIRED"; lastSeenAt: string | null })[] } | null };
export type PhoneHomeVariables = { id: string };
export const PhoneHome: Operation<PhoneHomeData, PhoneHomeVariables> = { text: "query PhoneHome($id:ID!){household(id:$id){id code address building unit floor room hasLift location residents{id name phone birthDate careRecords{id category{code name nameEn}level notes}}terminals{id serial status lastSeenAt}}}" };

export type GoOnDutyData = { startShift: { id: string; status: "OFF_DUTY" | "AVAILABLE" | "OFFERED" | "COMMITTED" } | null };
export type GoOnDutyVariables = {  };
export const GoOnDuty: Operation<GoOnDutyData, GoOnDutyVariables> = { text: "mutation GoOnDuty{startShift{id status}}" };

export type GoOffDutyData = { endShift: { id: string; status: "OFF_DUTY" | "AVAILABLE" | "OFFERED" | "COMMITTED" } | null };
export type GoOffDutyVariables = {  };
export const GoOffDuty: Operation<GoOffDutyData, GoOffDutyVariables> = { text: "mutation GoOffDuty{endShift{id status}}" };

export type ReportPositionData = { reportPosition: { id: string; status: "OFF_DUTY" | "AVAILABLE" | "OFFERED" | "COMMITTED" } | null };
export type ReportPositionVariables = { input: { point: { longitude: number; latitude: number; crs?: "WGS84" | "CGCS2000" | "GCJ02" | "BD09" }; fixedAt: string; accuracyMeters?: number | null } };
export const ReportPosition: Operation<ReportPositionData, ReportPositionVariables> = { text: "mutation ReportPosition($input:PositionInput!){reportPosition(input:$input){id status}}" };

export type AcceptOfferData = { acceptOffer: PhoneOffer | null };
export type AcceptOfferVariables = { id: string };
export const AcceptOffer: Operation<AcceptOfferData, AcceptOfferVariables> = { text: "mutation AcceptOffer($id:ID!){acceptOffer(id:$id){...PhoneOffer}}fragment PhoneOffer on Offer{id status etaSeconds distanceMeters offeredAt expiresAt path call{id status priority pressCount openedAt household{id address location}}}" };

export type DeclineOfferData = { declineOffer: PhoneOffer | null };
export type DeclineOfferVariables = { id: string; reason: string };
export const DeclineOffer: Operation<DeclineOfferData, DeclineOfferVariables> = { text: "mutation DeclineOffer($id:ID!$reason:String!){declineOffer(id:$id reason:$reason){...PhoneOffer}}fragment PhoneOffer on Offer{id status etaSeconds distanceMeters offeredAt expiresAt path call{id status priority pressCount openedAt household{id address location}}}" };

export type ConfirmCallData = { confirmCall: { id: string; status: "OPEN" | "OFFERED" | "ACCEPTED" | "ARRIVED" | "RINGING" | "HELD" | "RESOLVED" | "CLOSED" | "CANCELLED" } | null };
export type ConfirmCallVariables = { id: string };
export const ConfirmCall: Operation<ConfirmCallData, ConfirmCallVariables> = { text: "mutation ConfirmCall($id:ID!){confirmCall(id:$id){id status}}" };

export type ArriveData = { arriveAtCall: { id: string; status: "OPEN" | "OFFERED" | "ACCEPTED" | "ARRIVED" | "RINGING" | "HELD" | "RESOLVED" | "CLOSED" | "CANCELLED" } | null };
export type ArriveVariables = { id: string };
export const Arrive: Operation<ArriveData, ArriveVariables> = { text: "mutation Arrive($id:ID!){arriveAtCall(id:$id){id status}}" };

export type MyOffersData = { myOffers: PhoneOffer };
export type MyOffersVariables = {  };
export const MyOffers: Operation<MyOffersData, MyOffersVariables> = { text: "subscription MyOffers{myOffers{...PhoneOffer}}fragment PhoneOffer on Offer{id status etaSeconds distanceMeters offeredAt expiresAt path call{id status priority pressCount openedAt household{id address location}}}" };

export type PushKeyData = { pushKey: string | null };
export type PushKeyVariables = {  };
export const PushKey: Operation<PushKeyData, PushKeyVariables> = { text: "query PushKey{pushKey}" };

export type RegisterPhoneData = { registerPhone: { id: string } | null };
export type RegisterPhoneVariables = { input: { endpoint: string; p256dh: string; auth: string; language?: string } };
export const RegisterPhone: Operation<RegisterPhoneData, RegisterPhoneVariables> = { text: "mutation RegisterPhone($input:PhoneInput!){registerPhone(input:$input){id}}" };

export type UnregisterPhoneData = { unregisterPhone: boolean | null };
export type UnregisterPhoneVariables = { endpoint: string };
export const UnregisterPhone: Operation<UnregisterPhoneData, UnregisterPhoneVariables> = { text: "mutation UnregisterPhone($endpoint:String!){unregisterPhone(endpoint:$endpoint)}" };

export type CircleData = { serviceCircle: { area: GeoJSON; areaSquareMeters: number; speedMetersPerSecond: number | null; householdCount: number; residentCount: number | null; straightLine: { householdCount: number; falselyCovered: number } } | null };
export type CircleVariables = { center: { longitude: number; latitude: number; crs?: "WGS84" | "CGCS2000" | "GCJ02" | "BD09" }; minutes: number; travelMode: "WALK" | "WALK_SLOW" | "EBIKE" | "CAR" };
export const Circle: Operation<CircleData, CircleVariables> = { text: "query Circle($center:PointInput!$minutes:Float!$travelMode:TravelMode!){serviceCircle(center:$center minutes:$minutes travelMode:$travelMode){area areaSquareMeters speedMetersPerSecond householdCount residentCount straightLine{householdCount falselyCovered}}}" };

export type CommunitiesData = { areas: { edges: ({ node: { id: string; code: string; name: string; nameEn: string | null; level: "DISTRICT" | "STREET" | "COMMUNITY" | "GRID" } })[] } | null };
export type CommunitiesVariables = {  };
export const Communities: Operation<CommunitiesData, CommunitiesVariables> = { text: "query Communities{areas(filter:{level:COMMUNITY}first:100){edges{node{id code name nameEn level}}}}" };

export type AuditData = { auditCoverage: { id: string; supplyCount: number; householdCount: number; coveredCount: number; coveredShare: number | null; twiceCoveredCount: number; straightLine: { falselyCovered: number }; gaps: ({ id: string; area: GeoJSON; householdCount: number | null; residentCount: number | null; nearestSeconds: number | null; grids: ({ code: string })[] })[] } | null };
export type AuditVariables = { input: { areaId: string; minutes?: number; travelMode?: "WALK" | "WALK_SLOW" | "EBIKE" | "CAR"; supply: "WORKERS_ON_SHIFT" | "LIVE_POSITIONS" | "POSTS" | "VOLUNTEERS" | "SERVICE_POINTS" | "SERVICE_CENTRE" | "CLINIC" | "CANTEEN" | "DAY_CARE" | "PHARMACY" | "POLICE_POST" | "MARKET_SERVICE" | "ACTIVITY_ROOM"; at?: string | null; add?: ({ longitude: number; latitude: number; crs?: "WGS84" | "CGCS2000" | "GCJ02" | "BD09" })[] | null; remove?: (string)[] | null } };
export const Audit: Operation<AuditData, AuditVariables> = { text: "mutation Audit($input:AuditCoverageInput!){auditCoverage(input:$input){id supplyCount householdCount coveredCount coveredShare twiceCoveredCount straightLine{falselyCovered}gaps{id area householdCount residentCount nearestSeconds grids{code}}}}" };

export type SitesData = { suggestSites: { optimalityGap: number; sites: ({ location: GeoJSON; newlyCoveredHouseholds: number; coveredShareAfter: number })[] } | null };
export type SitesVariables = { input: { areaId: string; count: number; minutes?: number; travelMode?: "WALK" | "WALK_SLOW" | "EBIKE" | "CAR"; supply: "WORKERS_ON_SHIFT" | "LIVE_POSITIONS" | "POSTS" | "VOLUNTEERS" | "SERVICE_POINTS" | "SERVICE_CENTRE" | "CLINIC" | "CANTEEN" | "DAY_CARE" | "PHARMACY" | "POLICE_POST" | "MARKET_SERVICE" | "ACTIVITY_ROOM" } };
export const Sites: Operation<SitesData, SitesVariables> = { text: "query Sites($input:SuggestSitesInput!){suggestSites(input:$input){optimalityGap sites{location newlyCoveredHouseholds coveredShareAfter}}}" };

export type AuditsData = { coverageAudits: { edges: ({ node: { id: string; createdAt: string; minutes: number; travelMode: "WALK" | "WALK_SLOW" | "EBIKE" | "CAR"; supply: "WORKERS_ON_SHIFT" | "LIVE_POSITIONS" | "POSTS" | "VOLUNTEERS" | "SERVICE_POINTS" | "SERVICE_CENTRE" | "CLINIC" | "CANTEEN" | "DAY_CARE" | "PHARMACY" | "POLICE_POST" | "MARKET_SERVICE" | "ACTIVITY_ROOM"; at: string; state: "RUNNING" | "DONE" | "CANCELLED" | "FAILED"; coveredShare: number | null } })[] } | null };
export type AuditsVariables = { areaId: string };
export const Audits: Operation<AuditsData, AuditsVariables> = { text: "query Audits($areaId:ID!){coverageAudits(filter:{areaId:$areaId}first:30){edges{node{id createdAt minutes travelMode supply at state coveredShare}}}}" };

export type ComparisonData = { compareAudits: { gained: { householdCount: number; residentCount: number | null; area: GeoJSON }; lost: { householdCount: number; residentCount: number | null; area: GeoJSON }; byGrid: ({ grid: { id: string; code: string; name: string; nameEn: string | null }; coveredBefore: number | null; coveredAfter: number | null })[] } | null };
export type ComparisonVariables = { before: string; after: string };
export const Comparison: Operation<ComparisonData, ComparisonVariables> = { text: "query Comparison($before:ID!$after:ID!){compareAudits(before:$before after:$after){gained{householdCount residentCount area}lost{householdCount residentCount area}byGrid{grid{id code name nameEn}coveredBefore coveredAfter}}}" };

export type DutyHoursData = { dutyByHour: ({ startsAt: string; staff: number; volunteers: number })[] | null };
export type DutyHoursVariables = { areaId: string };
export const DutyHours: Operation<DutyHoursData, DutyHoursVariables> = { text: "query DutyHours($areaId:ID!){dutyByHour(areaId:$areaId hours:24){startsAt staff volunteers}}" };

export type Entered = { step: "SIGNED_IN" | "SECOND_FACTOR" | "NEW_PASSWORD"; ticket: string | null; accessToken: string | null; expiresAt: string | null };

export type SignInByPasswordData = { signIn: Entered | null };
export type SignInByPasswordVariables = { input: { login: string; password: string; inCookie?: boolean } };
export const SignInByPassword: Operation<SignInByPasswordData, SignInByPasswordVariables> = { text: "mutation SignInByPassword($input:SignInInput!){signIn(input:$input){...Entered}}fragment Entered on SignIn{step ticket accessToken expiresAt}" };

export type SecondFactorData = { secondFactor: Entered | null };
export type SecondFactorVariables = { input: { ticket: string; code: string; inCookie?: boolean } };
export const SecondFactor: Operation<SecondFactorData, SecondFactorVariables> = { text: "mutation SecondFactor($input:SecondFactorInput!){secondFactor(input:$input){...Entered}}fragment Entered on SignIn{step ticket accessToken expiresAt}" };

export type ChoosePasswordData = { choosePassword: Entered | null };
export type ChoosePasswordVariables = { input: { ticket: string; password: string; inCookie?: boolean } };
export const ChoosePassword: Operation<ChoosePasswordData, ChoosePasswordVariables> = { text: "mutation ChoosePassword($input:ChoosePasswordInput!){choosePassword(input:$input){...Entered}}fragment Entered on SignIn{step ticket accessToken expiresAt}" };

export type RefreshData = { refresh: Entered | null };
export type RefreshVariables = {  };
export const Refresh: Operation<RefreshData, RefreshVariables> = { text: "mutation Refresh{refresh{...Entered}}fragment Entered on SignIn{step ticket accessToken expiresAt}" };

export type SignOutData = { signOut: boolean | null };
export type SignOutVariables = {  };
export const SignOut: Operation<SignOutData, SignOutVariables> = { text: "mutation SignOut{signOut}" };

export type VisitsDueData = { visitsDue: { totalCount: number; edges: ({ node: { careRecord: { id: string; category: { code: string; name: string; nameEn: string } }; household: { id: string; address: string } | null; dueAt: string | null; overdueDays: number } })[] } | null };
export type VisitsDueVariables = { by?: string | null };
export const VisitsDue: Operation<VisitsDueData, VisitsDueVariables> = { text: "query VisitsDue($by:DateTime){visitsDue(by:$by first:100){totalCount edges{node{careRecord{id category{code name nameEn}}household{id address}dueAt overdueDays}}}}" };

export type RecordVisitData = { recordVisit: { id: string; conflicts: ("SAME_DAY" | "SENT_TWICE" | "RECORD_CHANGED" | "RECORD_CLOSED")[]; careRecord: { id: string; lastVisitAt: string | null; nextVisitDueAt: string | null } | null } | null };
export type RecordVisitVariables = { input: { careRecordId: string; visitedAt: string; purpose: "ROUTINE" | "AFTER_CHANGE" | "COMPANY" | "HOUSEWORK" | "HEALTH" | "TEST" | "COLLECTING" | "RETURN_VISIT" | "OTHER"; note?: string | null; id?: string | null; writtenAt?: string | null; basedOn?: number | null } };
export const RecordVisit: Operation<RecordVisitData, RecordVisitVariables> = { text: "mutation RecordVisit($input:VisitInput!){recordVisit(input:$input){id conflicts careRecord{id lastVisitAt nextVisitDueAt}}}" };
