// Made by operations.mjs from operations/*.graphql; change those.

import type { Json, Operation } from "../types";

export type MyPlanData = { viewer: { worker: { id: string } | null }; cases: { edges: ({ node: { id: string; number: string; state: string; version: number; details: Json; timeline: ({ kind: string; detail: Json })[] } })[] } | null };
export type MyPlanVariables = {  };
export const MyPlan: Operation<MyPlanData, MyPlanVariables> = { text: "query MyPlan{viewer{worker{id}}cases(filter:{kind:\"VISIT_PLAN\" mine:true open:true}first:1){edges{node{id number state version details timeline{kind detail}}}}}" };

export type PlanVersionData = { case: { version: number; state: string; timeline: ({ kind: string; detail: Json })[] } | null };
export type PlanVersionVariables = { id: string };
export const PlanVersion: Operation<PlanVersionData, PlanVersionVariables> = { text: "query PlanVersion($id:ID!){case(id:$id){version state timeline{kind detail}}}" };

export type ProposePlanData = { planVisits: { month: string; until: string; walkMeters: number; details: Json; households: ({ id: string; address: string })[] } | null };
export type ProposePlanVariables = { workerId: string; month: string };
export const ProposePlan: Operation<ProposePlanData, ProposePlanVariables> = { text: "query ProposePlan($workerId:ID!$month:String!){planVisits(workerId:$workerId month:$month){month until walkMeters details households{id address}}}" };

export type StorePlanData = { openCase: { case: { id: string } } | null };
export type StorePlanVariables = { input: { kind: string; subject: string; description?: string | null; details?: Json | null; point?: { longitude: number; latitude: number; crs?: "WGS84" | "CGCS2000" | "GCJ02" | "BD09" } | null; householdId?: string | null; areaId?: string | null; consent?: boolean | null; phone?: string | null; code?: string | null } };
export const StorePlan: Operation<StorePlanData, StorePlanVariables> = { text: "mutation StorePlan($input:OpenCaseInput!){openCase(input:$input){case{id}}}" };

export type ResidentKindsData = { caseKinds: ({ code: string; name: string; nameEn: string; residents: boolean; needsConsent: boolean; detailsSchema: Json })[] | null };
export type ResidentKindsVariables = {  };
export const ResidentKinds: Operation<ResidentKindsData, ResidentKindsVariables> = { text: "query ResidentKinds{caseKinds{code name nameEn residents needsConsent detailsSchema}}" };

export type HouseSettingsData = { settings: { timeZone: string } | null };
export type HouseSettingsVariables = {  };
export const HouseSettings: Operation<HouseSettingsData, HouseSettingsVariables> = { text: "query HouseSettings{settings{timeZone}}" };

export type SendCodeData = { sendCaseCode: boolean | null };
export type SendCodeVariables = { phone: string };
export const SendCode: Operation<SendCodeData, SendCodeVariables> = { text: "mutation SendCode($phone:String!){sendCaseCode(phone:$phone)}" };

export type RaiseMatterData = { openCase: { case: { number: string }; trackingCode: string | null } | null };
export type RaiseMatterVariables = { input: { kind: string; subject: string; description?: string | null; details?: Json | null; point?: { longitude: number; latitude: number; crs?: "WGS84" | "CGCS2000" | "GCJ02" | "BD09" } | null; householdId?: string | null; areaId?: string | null; consent?: boolean | null; phone?: string | null; code?: string | null } };
export const RaiseMatter: Operation<RaiseMatterData, RaiseMatterVariables> = { text: "mutation RaiseMatter($input:OpenCaseInput!){openCase(input:$input){case{number}trackingCode}}" };

export type FollowMatterData = { trackCase: { number: string; kind: string; state: string; stateName: string; rung: string; handledBy: string; acceptDueAt: string | null; closeDueAt: string | null; mayRate: boolean; publicTimeline: ({ at: string; kind: string; text: string; answer: string | null })[]; files: ({ name: string; mediaType: string; sizeBytes: number; addedAt: string })[] } | null };
export type FollowMatterVariables = { number: string; code: string };
export const FollowMatter: Operation<FollowMatterData, FollowMatterVariables> = { text: "query FollowMatter($number:String!$code:String!){trackCase(number:$number code:$code){number kind state stateName rung handledBy acceptDueAt closeDueAt mayRate publicTimeline{at kind text answer}files{name mediaType sizeBytes addedAt}}}" };

export type RateMatterData = { rateCase: { number: string; state: string } | null };
export type RateMatterVariables = { number: string; code: string; satisfied: boolean; comment?: string | null };
export const RateMatter: Operation<RateMatterData, RateMatterVariables> = { text: "mutation RateMatter($number:String!$code:String!$satisfied:Boolean!$comment:String){rateCase(number:$number code:$code satisfied:$satisfied comment:$comment){number state}}" };

export type RevokeConsentData = { revokeCaseConsent: { number: string; state: string } | null };
export type RevokeConsentVariables = { number: string; code: string; reason: string };
export const RevokeConsent: Operation<RevokeConsentData, RevokeConsentVariables> = { text: "mutation RevokeConsent($number:String!$code:String!$reason:String!){revokeCaseConsent(number:$number code:$code reason:$reason){number state}}" };

export type Ballot = { number: string; question: string; choices: (string)[]; secret: boolean; voteUntil: string | null; isOpen: boolean; state: string; stateName: string; voted: number; eligible: number; quorumReached: boolean; result: ({ choice: string; households: number })[] };

export type ReadVoteData = { publicVote: Ballot | null };
export type ReadVoteVariables = { number: string };
export const ReadVote: Operation<ReadVoteData, ReadVoteVariables> = { text: "query ReadVote($number:String!){publicVote(number:$number){...Ballot}}fragment Ballot on PublicVote{number question choices secret voteUntil isOpen state stateName voted eligible quorumReached result{choice households}}" };

export type OwnVoteData = { voteByPhone: Ballot | null };
export type OwnVoteVariables = { input: { number: string; phone: string; code: string; choice: string } };
export const OwnVote: Operation<OwnVoteData, OwnVoteVariables> = { text: "mutation OwnVote($input:OwnVoteInput!){voteByPhone(input:$input){...Ballot}}fragment Ballot on PublicVote{number question choices secret voteUntil isOpen state stateName voted eligible quorumReached result{choice households}}" };

export type BoardOpeningData = { settings: { timeZone: string } | null; viewer: { id: string; name: string; roles: ("GRID_WORKER" | "VOLUNTEER" | "SOCIAL_WORKER" | "COMMUNITY_STAFF" | "DISPATCHER" | "SUPERVISOR" | "PLANNER" | "MANAGER" | "AUDITOR" | "ADMIN" | "TERMINAL")[]; areas: ({ id: string; code: string; name: string; nameEn: string | null; level: "DISTRICT" | "STREET" | "COMMUNITY" | "GRID" })[] }; caseKinds: ({ code: string; name: string; nameEn: string; states: Json; residents: boolean; needsConsent: boolean; detailsSchema: Json; rungs: ({ code: string })[] })[] | null };
export type BoardOpeningVariables = {  };
export const BoardOpening: Operation<BoardOpeningData, BoardOpeningVariables> = { text: "query BoardOpening{settings{timeZone}viewer{id name roles areas{id code name nameEn level}}caseKinds{code name nameEn states residents needsConsent detailsSchema rungs{code}}}" };

export type InsideData = { areas: { edges: ({ node: { id: string; code: string; name: string; nameEn: string | null; level: "DISTRICT" | "STREET" | "COMMUNITY" | "GRID" } })[] } | null };
export type InsideVariables = { areaId: string };
export const Inside: Operation<InsideData, InsideVariables> = { text: "query Inside($areaId:ID!){areas(filter:{parentId:$areaId}first:200){edges{node{id code name nameEn level}}}}" };

export type BoardCase = { id: string; number: string; subject: string; state: string; stateName: string; paused: boolean; sealed: boolean; acceptDueAt: string | null; closeDueAt: string | null; overdueWorkingDays: number; provisional: boolean; kind: { code: string; name: string; nameEn: string }; rung: { level: string; area: { name: string; nameEn: string | null }; unit: { name: string } | null }; assignee: { id: string; name: string } | null };

export type BoardData = { cases: { totalCount: number; edges: ({ node: BoardCase })[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } | null };
export type BoardVariables = { filter: { areaId?: string | null; householdId?: string | null; kind?: string | null; state?: string | null; overdue?: boolean | null; mine?: boolean | null; open?: boolean | null }; after?: string | null };
export const Board: Operation<BoardData, BoardVariables> = { text: "query Board($filter:CaseFilter!$after:String){cases(filter:$filter first:50 after:$after){totalCount edges{node{...BoardCase}}pageInfo{hasNextPage endCursor}}}fragment BoardCase on Case{id number subject state stateName paused sealed acceptDueAt closeDueAt overdueWorkingDays provisional kind{code name nameEn}rung{level area{name nameEn}unit{name}}assignee{id name}}" };

export type FileData = { case: BoardCase & { version: number; round: number; returns: number; isComplex: boolean; openedAt: string; consentAt: string | null; endedAt: string | null; satisfied: boolean | null; description: string | null; details: Json; kind: { detailsSchema: Json; states: Json }; household: { id: string; address: string } | null; opener: { id: string; name: string } | null; agent: { id: string; name: string } | null; leadUnit: { name: string } | null; rung: { area: { id: string } }; allowedActions: ({ name: string; needsNote: boolean; answers: boolean; fieldsSchema: Json })[]; terms: ({ name: string; rung: number; round: number; startedAt: string; dueAt: string | null; metAt: string | null; endedAt: string | null; late: boolean; pausedWorkingDays: number; provisional: boolean })[]; timeline: ({ at: string; kind: string; state: string; actor: { name: string } | null; detail: Json })[]; units: ({ part: string; joinedAt: string; doneAt: string | null; unit: { id: string; name: string } | null })[]; links: ({ relation: string; meters: number | null; case: { id: string; number: string; subject: string; state: string; stateName: string } | null })[]; team: ({ part: string; since: string; until: string | null; member: { id: string; name: string } | null })[]; attachments: ({ id: string; name: string; mediaType: string; sizeBytes: number; url: string; takenAt: string | null; addedAt: string })[]; vote: { voted: number; eligible: number; quorumReached: boolean; tally: ({ choice: string; households: number })[] } | null } | null };
export type FileVariables = { id: string };
export const File: Operation<FileData, FileVariables> = { text: "query File($id:ID!){case(id:$id){...BoardCase version round returns isComplex openedAt consentAt endedAt satisfied description details kind{detailsSchema states}household{id address}opener{id name}agent{id name}leadUnit{name}rung{area{id}}allowedActions{name needsNote answers fieldsSchema}terms{name rung round startedAt dueAt metAt endedAt late pausedWorkingDays provisional}timeline{at kind state actor{name}detail}units{part joinedAt doneAt unit{id name}}links{relation meters case{id number subject state stateName}}team{part since until member{id name}}attachments{id name mediaType sizeBytes url takenAt addedAt}vote{voted eligible quorumReached tally{choice households}}}}fragment BoardCase on Case{id number subject state stateName paused sealed acceptDueAt closeDueAt overdueWorkingDays provisional kind{code name nameEn}rung{level area{name nameEn}unit{name}}assignee{id name}}" };

export type WhoMayData = { workers: { edges: ({ node: { id: string; name: string; role: "GRID_WORKER" | "VOLUNTEER" | "COMMUNITY_STAFF" | "SOCIAL_WORKER" } })[] } | null; caseOffices: { edges: ({ node: { id: string; name: string } })[] } | null; accounts: { edges: ({ node: { id: string; name: string } })[] } | null };
export type WhoMayVariables = { areaId: string };
export const WhoMay: Operation<WhoMayData, WhoMayVariables> = { text: "query WhoMay($areaId:ID!){workers(filter:{areaId:$areaId}first:200){edges{node{id name role}}}caseOffices(first:200){edges{node{id name}}}accounts(first:200){edges{node{id name}}}}" };

export type QuestionsData = { disputeQuestions: ({ code: string; text: string; choices: ({ code: string; text: string })[] })[] | null };
export type QuestionsVariables = { topic: "HOUSE_LEASE" | "BUSINESS" | "CONTRACT" | "LOAN" | "LABOUR" | "NEIGHBOURS" | "FAMILY" | "PROPERTY_SERVICE" | "INJURY" | "CONSUMER" };
export const Questions: Operation<QuestionsData, QuestionsVariables> = { text: "query Questions($topic:Topic!){disputeQuestions(topic:$topic){code text choices{code text}}}" };

export type HomeOfData = { household: { id: string; address: string } | null };
export type HomeOfVariables = { id: string };
export const HomeOf: Operation<HomeOfData, HomeOfVariables> = { text: "query HomeOf($id:ID!){household(id:$id){id address}}" };

export type PlacesData = { grids: { edges: ({ node: { id: string; code: string; name: string; nameEn: string | null } })[] } | null; households: { edges: ({ node: { id: string; code: string; address: string } })[] } | null };
export type PlacesVariables = { text: string };
export const Places: Operation<PlacesData, PlacesVariables> = { text: "query Places($text:String!){grids(filter:{text:$text}first:10){edges{node{id code name nameEn}}}households(filter:{text:$text}first:10){edges{node{id code address}}}}" };

export type VotingHomesData = { households: { edges: ({ node: { id: string; code: string; address: string } })[] } | null };
export type VotingHomesVariables = { text: string };
export const VotingHomes: Operation<VotingHomesData, VotingHomesVariables> = { text: "query VotingHomes($text:String!){households(filter:{text:$text}first:10){edges{node{id code address}}}}" };

export type ActData = { actOnCase: { case: { id: string; state: string; version: number } } | null };
export type ActVariables = { input: { id: string; action: string; version: number; note?: string | null; fields?: Json | null } };
export const Act: Operation<ActData, ActVariables> = { text: "mutation Act($input:ActOnCaseInput!){actOnCase(input:$input){case{id state version}}}" };

export type OpenMatterData = { openCase: { case: { id: string; number: string }; similar: ({ id: string; number: string; subject: string; meters: number | null })[] } | null };
export type OpenMatterVariables = { input: { kind: string; subject: string; description?: string | null; details?: Json | null; point?: { longitude: number; latitude: number; crs?: "WGS84" | "CGCS2000" | "GCJ02" | "BD09" } | null; householdId?: string | null; areaId?: string | null; consent?: boolean | null; phone?: string | null; code?: string | null } };
export const OpenMatter: Operation<OpenMatterData, OpenMatterVariables> = { text: "mutation OpenMatter($input:OpenCaseInput!){openCase(input:$input){case{id number}similar{id number subject meters}}}" };

export type CastVoteData = { vote: { voted: number; eligible: number; quorumReached: boolean; tally: ({ choice: string; households: number })[] } | null };
export type CastVoteVariables = { input: { caseId: string; householdId: string; choice: string } };
export const CastVote: Operation<CastVoteData, CastVoteVariables> = { text: "mutation CastVote($input:VoteInput!){vote(input:$input){voted eligible quorumReached tally{choice households}}}" };
